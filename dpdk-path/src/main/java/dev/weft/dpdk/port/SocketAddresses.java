package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.ffm.libc.NativeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;

/** struct sockaddr_in and sockaddr_in6 of Linux: family in the machine's order, port and address in the network's. */
final class SocketAddresses {

    static final int IPV4_ADDRESS = 4;
    static final int IPV6_ADDRESS = 8;
    /** Room for either. */
    static final int MAX_SIZE = 28;

    private static final int IPV4_SIZE = 16;
    private static final int PORT = 2;

    private SocketAddresses() {
    }

    /** An address that lives as long as it is reachable. */
    static MemorySegment of(InetAddress address, int port) {
        boolean ipv4 = address instanceof Inet4Address;
        MemorySegment result = Arena.ofAuto().allocate(ipv4 ? IPV4_SIZE : MAX_SIZE, Integer.BYTES);
        result.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6));
        BigEndian.putShort(result, PORT, port);
        byte[] bytes = address.getAddress();
        MemorySegment.copy(bytes, 0, result, ValueLayout.JAVA_BYTE, ipv4 ? IPV4_ADDRESS : IPV6_ADDRESS, bytes.length);
        return result;
    }
}
