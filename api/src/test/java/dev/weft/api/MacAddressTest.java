package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {

    @Test
    void shouldReadSixOctets() {
        assertEquals(new MacAddress(0x02_42_0a_00_00_fdL), MacAddress.parse("02:42:0a:00:00:fd"));
        assertEquals(new MacAddress(0x02_42_0a_00_00_fdL), MacAddress.parse("02-42-0A-00-00-FD"));
        assertEquals(MacAddress.BROADCAST, MacAddress.parse("ff:ff:ff:ff:ff:ff"));
        assertEquals("02:42:0a:00:00:fd", new MacAddress(0x02_42_0a_00_00_fdL).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "02", "02:42:0a:00:00", "02:42:0a:00:00:", "02:42:0a:00:00:0", "02:42:0a:00:00:0g", "02:42:0a:00:00:00:00",
            "02420a0000fd",
        " 02:42:0a:00:00:fd", "2:42:0a:00:00:fd", "+2:42:0a:00:00:fd", "02:42:0a:00:00:fd\n"})
    void shouldRefuseAnythingElse(String text) {
        assertThrows(WeftException.InvalidSpec.class, () -> MacAddress.parse(text));
    }
}
