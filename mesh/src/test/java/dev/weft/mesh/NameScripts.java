package dev.weft.mesh;

/** What asks a name server much, in Python. Arguments: its address, and that of web1. */
final class NameScripts {

    /** RFC 1035, 4.1: 500 questions for the address of web1 one after another, and then their answers. */
    static final String BURST = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            s.settimeout(60); s.connect((sys.argv[1], 53))
            for n in range(500): s.send(n.to_bytes(2, 'big') + bytes.fromhex('01000001000000000000047765623100') + bytes.fromhex('00010001'))
            answers = {}
            while len(answers) < 500: answer = s.recv(512); answers[answer[:2]] = answer[-4:]
            print(len(answers), 'answers,', sum(each == socket.inet_aton(sys.argv[2]) for each in answers.values()), 'right')
            """;
    /** The same questions for as long as its input is open, a hundred questions at a time, and looks at each answer. */
    static final String MUCH = """
            import socket, sys, threading
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            s.settimeout(60); s.connect((sys.argv[1], 53)); address = socket.inet_aton(sys.argv[2])
            enough = threading.Event(); threading.Thread(target=lambda: (sys.stdin.read(), enough.set()), daemon=True).start()
            right = wrong = first = 0
            while not enough.is_set():
                wanted = {first + n & 65535 for n in range(100)}; first += 100
                for n in wanted: s.send(n.to_bytes(2, 'big') + bytes.fromhex('01000001000000000000047765623100') + bytes.fromhex('00010001'))
                while wanted:
                    answer = s.recv(512); n = int.from_bytes(answer[:2], 'big')
                    if n in wanted and answer[3] & 15 == 0 and answer[-4:] == address: right += 1
                    else: wrong += 1
                    wanted.discard(n)
                if first == 100: print('begun', flush=True)
            print('no answer was wrong' if right == first and not wrong else f'{first} asked, {right} right, {wrong} wrong')
            """;

    private NameScripts() {
    }
}
