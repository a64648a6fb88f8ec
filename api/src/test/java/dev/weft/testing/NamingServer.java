package dev.weft.testing;

import java.io.IOException;

/** A TCP server at port 80 of a container that answers each connection with its own name, and then with what it gets. */
public final class NamingServer {

    private static final String SCRIPT = """
            import socket, sys, threading
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 80)); s.listen(512)
            print('ready', flush=True)
            def serve(c):
                try:
                    c.sendall(sys.argv[1].encode() + b'\\n')
                    while d := c.recv(100): c.sendall(d)
                except OSError: pass
                c.close()
            while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
            """;

    private NamingServer() {
    }

    /** It listens when this returns; the caller ends it. */
    public static Process start(String container, String name) throws IOException {
        Process server = Shell.startIn(container, "python3", "-c", SCRIPT, name);
        String said = server.inputReader().readLine();
        if (!"ready".equals(said)) {
            throw new AssertionError(name + " does not serve in " + container + ": " + said);
        }
        return server;
    }
}
