package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class AddressBitsTest {

    @Test
    void shouldMapIpv4() {
        InetAddress address = InetAddress.ofLiteral("192.0.2.200");

        assertEquals(0, AddressBits.high(address));
        assertEquals(0x0000_ffff_c000_02c8L, AddressBits.low(address));
        assertEquals(0xc00002c8, AddressBits.ipv4(AddressBits.low(address)));
        assertEquals(AddressBits.low(address), AddressBits.lowOfIpv4(0xc00002c8));
        assertTrue(AddressBits.isIpv4(0, AddressBits.low(address)));
        assertEquals(address, AddressBits.toInetAddress(0, 0x0000_ffff_c000_02c8L));
    }

    @Test
    void shouldKeepIpv6() {
        InetAddress address = InetAddress.ofLiteral("fd00:1::ffff:c000:2c8");

        assertEquals(0xfd00_0001_0000_0000L, AddressBits.high(address));
        assertEquals(0x0000_ffff_c000_02c8L, AddressBits.low(address));
        assertFalse(AddressBits.isIpv4(AddressBits.high(address), AddressBits.low(address)));
        assertEquals(address, AddressBits.toInetAddress(0xfd00_0001_0000_0000L, 0x0000_ffff_c000_02c8L));
    }

    @Test
    void shouldNotTakeLowIpv6AddressesForIpv4() {
        assertFalse(AddressBits.isIpv4(0, 1));
        assertFalse(AddressBits.isIpv4(0, 0xc00002c8L));
    }
}
