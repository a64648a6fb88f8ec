package dev.weft.dpdk.underlay;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.Sockaddr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A socket that holds a UDP port of the overlay, or protocol 50, while DPDK reads the packets beside the kernel: without it the kernel,
 * which has the address, would answer each of them with "port unreachable" or "protocol unreachable". Its filter drops all, so nothing
 * is ever queued. It also finds out whether somebody else has the port.
 */
public final class KernelPortGuard implements AutoCloseable {

    /** struct sock_fprog: a count, padding, a pointer; struct sock_filter: code 2, jt 1, jf 1, k 4. */
    private static final int SOCK_FPROG = 16;
    private static final int SOCK_FILTER = 8;
    /** BPF_RET | BPF_K: accept k bytes, here none. */
    private static final short RETURN = 0x06;

    private final NativeSocket socket;

    private KernelPortGuard(NativeSocket socket) {
        this.socket = socket;
    }

    /**
     * Binds in the network namespace of the calling thread.
     *
     * @throws dev.weft.api.WeftException.PortInUse if somebody has the port
     */
    public static KernelPortGuard bind(InetAddress vtep, int port) {
        return bind(vtep, NativeSocket.SOCK_DGRAM, 0, port, "UDP " + vtep.getHostAddress() + " port " + port);
    }

    /** Holds an IP protocol of the address, in the network namespace of the calling thread. */
    public static KernelPortGuard bindProtocol(InetAddress vtep, int protocol) {
        return bind(vtep, NativeSocket.SOCK_RAW, protocol, 0, "protocol " + protocol + " of " + vtep.getHostAddress());
    }

    private static KernelPortGuard bind(InetAddress vtep, int type, int protocol, int port, String what) {
        boolean ipv4 = vtep instanceof Inet4Address;
        NativeSocket socket = NativeSocket.open(ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6, type, protocol);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(SOCK_FILTER, Long.BYTES);
            filter.set(ValueLayout.JAVA_SHORT, 0, RETURN);
            MemorySegment program = arena.allocate(SOCK_FPROG, Long.BYTES);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            program.set(ValueLayout.ADDRESS, 8, filter);
            int refused = socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_ATTACH_FILTER, program);
            if (refused < 0) {
                throw Errno.failure("attach a filter to the socket that holds " + what, -refused);
            }
            socket.bind(Sockaddr.of(vtep, port), what);
            return new KernelPortGuard(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
