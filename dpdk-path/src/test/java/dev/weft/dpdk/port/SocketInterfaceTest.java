package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.Test;

class SocketInterfaceTest {

    @Test
    void shouldFindTheLoopbackInterfaceForAllOfItsAddresses() throws SocketException {
        String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getName();
        assertEquals(new SocketInterface(loopback, SocketInterface.MAX_MTU), SocketInterface.of(InetAddress.ofLiteral("127.0.0.77")));
    }

    @Test
    void shouldRefuseAnAddressThatNoInterfaceHas() {
        WeftException.DataPathUnavailable refused = assertThrows(WeftException.DataPathUnavailable.class,
                () -> SocketInterface.of(InetAddress.ofLiteral("192.0.2.77")));
        assertTrue(refused.getMessage().contains("192.0.2.77"), refused.getMessage());
    }
}
