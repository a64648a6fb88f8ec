package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.testing.Shell;
import java.io.IOException;

/** The socket that makes a kernel take ESP in UDP, as a key exchange daemon would hold it. */
final class EspSocket implements AutoCloseable {

    private static final String HOLD = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.IPPROTO_UDP, 100, 2)
            s.bind(('', 4500))
            print('ready', flush=True)
            sys.stdin.read()
            """;

    private final Process holder;

    private EspSocket(Process holder) {
        this.holder = holder;
    }

    static EspSocket open(String host) throws IOException {
        Process holder = Shell.startIn(host, "python3", "-c", HOLD);
        assertEquals("ready", holder.inputReader().readLine());
        return new EspSocket(holder);
    }

    @Override
    public void close() {
        holder.destroy();
    }
}
