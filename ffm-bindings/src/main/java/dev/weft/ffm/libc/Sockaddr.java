package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/** struct sockaddr_in: family 2, port 2, address 4, zero 8; struct sockaddr_in6: family 2, port 2, flow 4, address 16, scope 4. */
public final class Sockaddr {

    /** Where the address is. */
    public static final int IPV4_ADDRESS = 4;
    public static final int IPV6_ADDRESS = 8;
    /** Room for either. */
    public static final int MAX_SIZE = 28;

    private static final int IPV4_SIZE = 16;
    private static final int PORT = 2;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Sockaddr() {
    }

    /** An address that lives as long as it is reachable. */
    public static MemorySegment of(InetAddress address, int port) {
        boolean ipv4 = address instanceof Inet4Address;
        MemorySegment result = Arena.ofAuto().allocate(ipv4 ? IPV4_SIZE : MAX_SIZE, Integer.BYTES);
        result.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6));
        result.set(NETWORK_SHORT, PORT, (short) port);
        byte[] bytes = address.getAddress();
        MemorySegment.copy(bytes, 0, result, ValueLayout.JAVA_BYTE, ipv4 ? IPV4_ADDRESS : IPV6_ADDRESS, bytes.length);
        return result;
    }
}
