package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyRuleTest {

    private static PolicyRule.Builder tcp() {
        return PolicyRule.allow("web").protocol(PolicyRule.Protocol.TCP);
    }

    @Test
    void shouldBeAboutAllPortsOnlyWhenItNamesNone() {
        assertFalse(tcp().build().hasPorts());
        assertEquals(new PolicyRule("web", PolicyRule.Action.ALLOW, 100, PolicySelector.ANY, PolicySelector.ANY, PolicyRule.Protocol.TCP, 80, 443),
                tcp().ports(80, 443).build());
    }

    /** Port 0 is not all ports, or who mistypes one opens them all. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 80", "-1, -1", "80, 79", "1, 65536", "65536, 65536"})
    void shouldRefusePortsThatThereAreNot(int first, int last) {
        assertThrows(WeftException.InvalidSpec.class, () -> tcp().ports(first, last).build());
    }

    @Test
    void shouldRefusePortsOfWhatHasNone() {
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("ping").protocol(PolicyRule.Protocol.ICMP).ports(8, 8).build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("all").ports(80, 80).build());
    }
}
