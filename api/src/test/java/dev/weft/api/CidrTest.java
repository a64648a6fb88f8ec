package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.1.0", "10.0.1/24", "10.1", "17", "10.0.1.256/24", "10.0.1.1/24", "10.0.1.0/33", "10.0.1.0/-1", "10.0.1.0/",
        "fd00::/129", "fd00::1/64", "host.example/24", "fe80::1%eth0/64", "010.0.1.0.0/24", "0x0a.0.1.0/24", "1.2.3.4.5"})
    void shouldRefuseWhatIsNoPrefix(String text) {
        assertThrows(WeftException.InvalidSpec.class, () -> Cidr.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.1", "17", "host", "fe80::1%1", "10.0.1.2 ", ":", "1:2"})
    void shouldRefuseWhatIsNoAddress(String text) {
        assertThrows(WeftException.InvalidSpec.class, () -> Cidr.parseAddress(text));
    }

    @Test
    void shouldNameTheNetworkWhenHostBitsAreSet() {
        String message = assertThrows(WeftException.InvalidSpec.class, () -> Cidr.parse("10.0.1.77/26")).getMessage();
        assertTrue(message.contains("10.0.1.64/26"), message);
    }

    @Test
    void shouldKnowWhatItContains() {
        Cidr cidr = Cidr.parse("10.0.1.64/26");
        assertTrue(cidr.contains(Cidr.parseAddress("10.0.1.127")));
        assertFalse(cidr.contains(Cidr.parseAddress("10.0.1.128")));
        assertFalse(Cidr.parse("0.0.0.0/0").contains(Cidr.parseAddress("::1")), "families do not mix");
        assertTrue(cidr.overlaps(Cidr.parse("10.0.0.0/16")));
        assertFalse(cidr.overlaps(Cidr.parse("10.0.1.0/26")));
        assertEquals(Cidr.parseAddress("10.0.1.127"), cidr.last());
        assertEquals(Cidr.parseAddress("fd00::ffff"), Cidr.parse("fd00::/112").last());
    }
}
