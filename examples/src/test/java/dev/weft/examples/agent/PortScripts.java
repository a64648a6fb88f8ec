package dev.weft.examples.agent;

/** What speaks at either end of published ports, in Python. */
final class PortScripts {

    /**
     * Answers each HTTP request on ports 80 and 81 with its name and the client's address; notes who came. Arguments: name, file, and :: for
     * both families. */
    static final String SERVER = """
            import socket, sys, threading
            log, lock = open(sys.argv[2], 'a', 1), threading.Lock()
            def listen(port):
                at = sys.argv[3] if len(sys.argv) > 3 else ''
                s = socket.socket(socket.AF_INET6 if at else socket.AF_INET)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((at, port)); s.listen(512)
                return s
            def answer(c, who):
                c.settimeout(20)
                try:
                    if not c.recv(4096): return
                    with lock: log.write(f'{who[0]} {who[1]}\\n')
                    body = f'{sys.argv[1]} {who[0]}'
                    c.sendall(f'HTTP/1.0 200 OK\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}'.encode())
                except OSError: pass
                finally: c.close()
            def serve(s): # a client that died with its request on the way holds up nobody else
                while True: threading.Thread(target=answer, args=s.accept(), daemon=True).start()
            first, second = listen(80), listen(81)
            print('ready', flush=True)
            threading.Thread(target=serve, args=(second,), daemon=True).start()
            serve(first)
            """;
    /** Sends back what it gets on port 82. Argument: :: for both families. */
    static final String ECHO = """
            import socket, sys, threading
            at = sys.argv[1] if len(sys.argv) > 1 else ''
            s = socket.create_server((at, 82), family=socket.AF_INET6 if at else socket.AF_INET)
            print('ready', flush=True)
            def serve(c):
                while data := c.recv(100): c.sendall(data)
            while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
            """;
    /** Sends each line of its input by one connection, and prints what comes back. Arguments: address, port. */
    static final String CONVERSATION = """
            import socket, sys
            s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
            for line in sys.stdin:
                s.sendall(line.encode()); print(s.recv(100).decode().strip(), flush=True)
            """;
    /** Answers each datagram on port 5353 with the client's address; it is bound to no address. Argument: :: for both families. */
    static final String UDP_SERVER = """
            import socket, sys
            at = sys.argv[1] if len(sys.argv) > 1 else ''
            s = socket.socket(socket.AF_INET6 if at else socket.AF_INET, socket.SOCK_DGRAM); s.bind((at, 5353))
            print('ready', flush=True)
            while True:
                data, who = s.recvfrom(2000)
                s.sendto(who[0].encode(), who)
            """;
    /** Asks, again and again for a minute, and prints the first answer. Arguments: address, port. */
    static final String UDP_CLIENT = """
            import socket, sys, time
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(2); s.connect((sys.argv[1], int(sys.argv[2])))
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try: s.send(b'x'); print(s.recv(100).decode()); sys.exit()
                except TimeoutError: pass
                except OSError: time.sleep(0.1) # refused
            sys.exit('no answer')
            """;
    /**
     * An SCTP INIT and its INIT ACK (RFC 9260, 3.3) by raw sockets: not every kernel has SCTP. Prints whose chunk it got, and from which
     * port; the answer leaves from the address that was asked. Arguments: type of the chunk to send, own port, and to whom: address and
     * port; without those two it waits for chunks and answers them.
     */
    static final String SCTP = """
            import socket, struct, sys
            def crc32c(data):
                crc = 0xffffffff
                for byte in data:
                    crc ^= byte
                    for _ in range(8): crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
                return crc ^ 0xffffffff
            def packet(kind, own, peer, tag):
                chunk = struct.pack('>BBHIIHHI', kind, 0, 20, 7, 65536, 1, 1, 1) + (struct.pack('>HHI', 7, 8, 1) if kind == 2 else b'')
                chunk = chunk[:2] + struct.pack('>H', len(chunk)) + chunk[4:]
                whole = struct.pack('>HHII', own, peer, tag, 0) + chunk
                return whole[:8] + struct.pack('<I', crc32c(whole)) + whole[12:]
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132); s.settimeout(2)
            kind, own = int(sys.argv[1]), int(sys.argv[2])
            def wait():
                while True:
                    data, who = s.recvfrom(2000); at = socket.inet_ntoa(data[16:20]); data = data[(data[0] & 15) * 4:]
                    source, destination = struct.unpack('>HH', data[:4])
                    if destination == own and data[12] != kind: return who[0], source, at
            if len(sys.argv) > 3:
                s.sendto(packet(kind, own, int(sys.argv[4]), 0), (sys.argv[3], 0)); print(*wait()[:2])
            else:
                s.settimeout(None); print('ready', flush=True)
                while True:
                    who, port, at = wait(); print(who, port, flush=True)
                    answer = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132); answer.bind((at, 0))
                    answer.sendto(packet(kind, own, port, 7), (who, 0)); answer.close()
            """;
    /**
     * Connections to one port of three nodes in turn, each from a port of its own, 32 at a time. Prints for each: its port, the node, when it
     * began and ended (ms), and the answer. Nodes that a line of input names are asked no more, and none when that says "enough". Arguments: the
     * most that there can be, port, nodes.
     */
    static final String CLIENTS = """
            import itertools, socket, sys, threading, time
            count, port, nodes = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
            numbers, lock, enough = itertools.count(), threading.Lock(), threading.Event()
            def one(number):
                with lock: node = nodes[number % len(nodes)]
                own, began = 10000 + number, time.time()
                try:
                    s = socket.socket(); s.settimeout(20); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', own))
                    s.connect((node, port)); s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
                    answer = b''
                    while part := s.recv(4096): answer += part
                    said = answer.split(b'\\r\\n\\r\\n')[1].decode() or 'nothing'
                except (OSError, IndexError) as e:
                    said = 'failed ' + str(e)
                s.close()
                with lock: print(own, node, int(began * 1000), int(time.time() * 1000), said, flush=True)
            def work():
                while not enough.is_set() and (number := next(numbers)) < count: one(number)
            def listen():
                for line in map(str.strip, sys.stdin):
                    if line == 'enough': enough.set(); continue
                    with lock: nodes.remove(line)
            threading.Thread(target=listen, daemon=True).start()
            threads = [threading.Thread(target=work) for _ in range(32)]
            [t.start() for t in threads]; [t.join() for t in threads]
            """;

    private PortScripts() {
    }
}
