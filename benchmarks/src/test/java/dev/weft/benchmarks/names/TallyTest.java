package dev.weft.benchmarks.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final InetAddress ONE = InetAddress.ofLiteral("10.0.0.1");
    private static final InetAddress TWO = InetAddress.ofLiteral("10.0.0.2");
    private static final Expected POOL = new Expected("pool", List.of(ONE, TWO), List.of(), true);

    private final Tally tally = new Tally("dig", 8, List.of(POOL));

    @Test
    void shouldCountEachAnswerAndWhoIsNamedFirst() {
        assertTrue(tally.look(POOL.ipv4(), true, List.of(ONE, TWO)));
        assertTrue(tally.look(POOL.ipv4(), true, List.of(TWO, ONE)));
        assertTrue(tally.look(POOL.ipv4(), true, List.of(TWO, ONE)));
        assertTrue(tally.look(List.of(ONE), false, List.of(ONE)));
        assertFalse(tally.look(POOL.ipv4(), true, List.of(ONE)));
        assertFalse(tally.look(POOL.ipv4(), true, List.of(ONE, ONE)));
        tally.wrong();

        assertFalse(tally.isComplete());
        assertEquals(List.of("dig", 8, 4, 3, 1, "33.33 %", "66.67 %"), tally.row());
    }

    @Test
    void shouldSayNoSharesWhenNobodyWasNamed() {
        assertEquals(List.of("dig", 8, 0, 0, 8, "-", "-"), tally.row());
    }

    /** RFC 1035, 4.1. */
    @Test
    void shouldAskForAnIpv4Address() {
        assertEquals("000001000001000000000000" + "04706f6f6c00" + "00010001", HexFormat.of().formatHex(POOL.question()));
    }
}
