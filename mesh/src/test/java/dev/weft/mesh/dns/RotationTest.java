package dev.weft.mesh.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RotationTest {

    private static final List<InetAddress> FOUR = NetworkNamesTest.ips("10.0.1.2", "10.0.1.3", "10.0.1.4", "10.0.1.5");
    private static final List<InetAddress> SIX = NetworkNamesTest.ips("fd00::2", "fd00::3");

    @Test
    void shouldPutEachAddressFirstInTurnAndKeepTheirOrder() {
        Rotation rotation = new Rotation();
        assertEquals(FOUR, rotation.rotated("web", FOUR));
        assertEquals(NetworkNamesTest.ips("10.0.1.3", "10.0.1.4", "10.0.1.5", "10.0.1.2"), rotation.rotated("WEB", FOUR));
        assertEquals(FOUR, rotation.rotated("api", FOUR));
        assertEquals(NetworkNamesTest.ips("10.0.1.4", "10.0.1.5", "10.0.1.2", "10.0.1.3"), rotation.rotated("web", FOUR));
    }

    @Test
    void shouldGiveEvenSharesWhenBothFamiliesAreAskedInTurn() {
        Rotation rotation = new Rotation();
        Map<InetAddress, Integer> first = new HashMap<>();
        for (int i = 0; i < 4000; i++) {
            first.merge(rotation.rotated("web", FOUR).getFirst(), 1, Integer::sum);
            first.merge(rotation.rotated("web", SIX).getFirst(), 1, Integer::sum);
        }
        FOUR.forEach(address -> assertEquals(1000, first.get(address)));
        SIX.forEach(address -> assertEquals(2000, first.get(address)));
    }

    @Test
    void shouldLeaveOneOrNoAddressAlone() {
        Rotation rotation = new Rotation();
        assertEquals(List.of(), rotation.rotated("web", List.of()));
        assertEquals(FOUR.subList(0, 1), rotation.rotated("web", FOUR.subList(0, 1)));
    }
}
