package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class UnderlayOverheadTest {

    private static final InetAddress IPV4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("2001:db8::1");

    @Test
    void shouldSayWhatFitsEthernet() {
        assertEquals(1450, UnderlayOverhead.mtuInClear(1500, IPV4));
        assertEquals(1430, UnderlayOverhead.mtuInClear(1500, IPV6));
        assertEquals(1416, UnderlayOverhead.mtuEncrypted(1500, IPV4, false));
        assertEquals(1396, UnderlayOverhead.mtuEncrypted(1500, IPV6, false));
        assertEquals(1408, UnderlayOverhead.mtuEncrypted(1500, IPV4, true));
        assertEquals(1388, UnderlayOverhead.mtuEncrypted(1500, IPV6, true));
    }

    @Test
    void shouldCountTheLongestPadding() {
        for (int underlay = 1281; underlay < 9300; underlay++) {
            int inner = UnderlayOverhead.mtuEncrypted(underlay, IPV4, false);
            assertEquals(true, onTheWire(inner) <= underlay && onTheWire(inner + 1) > underlay, "an underlay of " + underlay);
        }
    }

    private static int onTheWire(int inner) {
        int encrypted = 30 + inner + 2;
        return 20 + 16 + (encrypted + 3) / 4 * 4 + 16;
    }
}
