package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetSpecTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.0.1.0/24", "10.0.0.0/8", "1.0.0.0/30", "100.64.0.0/10", "223.255.255.0/24", "255.255.255.252/30", "fd00::/64",
        "2001:db8::/126"})
    void shouldTakeUnicastRanges(String cidr) {
        assertEquals(Cidr.parse(cidr), SubnetSpec.of(cidr).cidr());
    }

    /** Not only ranges that begin there: what holds one of them gives its addresses too. */
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "0.0.0.0/8", "0.1.0.0/16", "0.0.0.0/1", "126.0.0.0/7", "127.1.0.0/16", "169.254.0.0/16", "169.0.0.0/8",
        "192.0.0.0/2", "224.1.0.0/24", "::/0", "::/96", "fe80::/64", "fc00::/6", "ff05::/64"})
    void shouldRefuseRangesWithAddressesThatNoEndpointCanHave(String cidr) {
        String message = assertThrows(WeftException.InvalidSpec.class, () -> SubnetSpec.of(cidr)).getMessage();

        assertTrue(message.contains("is not a unicast range"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0:24", "::/0:64", "192.0.0.0/2:24"})
    void shouldRefusePoolsWithSuchRanges(String pool) {
        assertThrows(WeftException.InvalidSpec.class, () -> SubnetPoolSpec.parse(pool));
    }
}
