package dev.weft.dpdk.underlay;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/**
 * A socket that holds a UDP port of the overlay, or protocol 50, while DPDK reads the packets beside the kernel: without it the kernel,
 * which has the address, would answer each of them with "port unreachable" or "protocol unreachable". Its filter drops all, so nothing
 * is ever queued. It also finds out whether somebody else has the port.
 */
public final class KernelPortGuard implements AutoCloseable {

    private static final ValueLayout.OfShort BIG_ENDIAN_SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;
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
            socket.bind(address(arena, vtep, port, ipv4), what);
            return new KernelPortGuard(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** struct sockaddr_in: family 2, port 2, address 4, zero 8; struct sockaddr_in6: family 2, port 2, flow 4, address 16, scope 4. */
    private static MemorySegment address(Arena arena, InetAddress vtep, int port, boolean ipv4) {
        MemorySegment address = arena.allocate(ipv4 ? SOCKADDR_IN : SOCKADDR_IN6, Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6));
        address.set(BIG_ENDIAN_SHORT, 2, (short) port);
        byte[] octets = vtep.getAddress();
        MemorySegment.copy(octets, 0, address, ValueLayout.JAVA_BYTE, ipv4 ? 4 : 8, octets.length);
        return address;
    }

    @Override
    public void close() {
        socket.close();
    }
}
