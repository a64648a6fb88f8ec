package dev.weft.testing;

/** What speaks at either end of VIPs, in Python. */
final class VipScripts {

    /** Answers each connection with its name and the client's address as it sees it. Arguments: port, name. */
    static final String TCP_SERVER = """
            import socket, sys, threading
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', int(sys.argv[1]))); s.listen(512)
            print('ready', flush=True)
            def serve(c, peer):
                c.sendall((sys.argv[2] + ' ' + peer[0]).encode())
                while True:
                    d = c.recv(100)
                    if not d: break
                    c.sendall(d)
                c.close()
            while True:
                threading.Thread(target=serve, args=s.accept(), daemon=True).start()
            """;
    /** Connects so many times and prints what answered. Arguments: address, port, times. */
    static final String TCP_CLIENT = """
            import socket, sys
            for i in range(int(sys.argv[3])):
                c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
                print(c.recv(100).decode()); c.close()
            """;
    /** Holds a connection open and echoes lines over it; says so when it is reset. Arguments: address, port. */
    static final String TCP_HOLD = """
            import socket, sys
            c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
            print(c.recv(100).decode(), flush=True)
            try:
                for line in sys.stdin:
                    c.sendall(line.encode()); print(c.recv(100).decode().strip(), flush=True)
            except ConnectionResetError:
                print('reset', flush=True)
            """;
    /**
     * Does what a line says: open COUNT connections and print who serves each; or close those to BACKEND, and say so when both sides have.
     * Arguments: address, port.
     */
    static final String TCP_HOLD_MANY = """
            import socket, sys
            held = []
            for line in sys.stdin:
                what, n = line.split()
                if what == 'open':
                    new = [socket.create_connection((sys.argv[1], int(sys.argv[2])), 60) for i in range(int(n))]
                    named = [(c.recv(100).decode().split()[0], c) for c in new]
                    held += named; print(''.join(sorted(name for name, c in named)), flush=True)
                else:
                    for name, c in [h for h in held if h[0] == n]:
                        c.shutdown(socket.SHUT_WR)
                        while c.recv(100): pass
                        c.close(); held.remove((name, c))
                    print('closed', flush=True)
            """;
    /** Answers each datagram with its name. Arguments: port, name. */
    static final String UDP_NAMED = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', int(sys.argv[1])))
            print('ready', flush=True)
            while True:
                d, peer = s.recvfrom(100); s.sendto(sys.argv[2].encode(), peer)
            """;
    /** From one port: a datagram for each line, and who answered it first; again each second without an answer. Arguments: address, port. */
    static final String UDP_ASK = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((sys.argv[1], int(sys.argv[2]))); s.settimeout(1)
            for line in sys.stdin:
                while True:
                    try:
                        s.send(line.encode()); print(s.recv(100).decode(), flush=True); break
                    except (TimeoutError, ConnectionRefusedError): pass
            """;
    /** Sends an ACK of no connection and waits for the RST that says so. Arguments: own address, address, port. */
    static final String STRAY_ACK = """
            import socket, struct, sys
            own, to, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP); s.settimeout(1)
            tcp = lambda check: struct.pack('>HHIIBBHHH', 44444, port, 1000, 7777, 0x50, 0x10, 1000, check, 0)
            pseudo = socket.inet_aton(own) + socket.inet_aton(to) + struct.pack('>HH', 6, 20) + tcp(0)
            total = sum(struct.unpack('>16H', pseudo)); total = (total & 0xffff) + (total >> 16); total = (total & 0xffff) + (total >> 16)
            for i in range(30):
                s.sendto(tcp(total ^ 0xffff), (to, 0))
                try:
                    while True:
                        d = s.recv(100); h = (d[0] & 15) * 4
                        if d[12:16] == socket.inet_aton(to) and struct.unpack('>HH', d[h:h + 4]) == (port, 44444) and d[h + 13] & 4:
                            print('reset', struct.unpack('>I', d[h + 4:h + 8])[0]); sys.exit()
                except TimeoutError: pass
            """;

    private VipScripts() {
    }
}
