package dev.weft.kernel.xfrm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.PeerSecurity;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestIdsTest {

    private static final int MOST = 8192;

    private final RequestIds ids = new RequestIds("nodeone1");

    @Test
    void shouldGiveEachPeerAndCipherItsOwn() {
        ids.reconcile(state(0, MOST));
        Set<Integer> seen = new HashSet<>();
        for (int peer = 0; peer < MOST; peer++) {
            for (Cipher cipher : Cipher.values()) {
                int reqid = ids.of(address(peer), cipher);
                assertTrue(seen.add(reqid) && ids.isOwn(reqid) && reqid < 0);
            }
        }
    }

    @Test
    void shouldKeepAPeersIdWhileOthersComeAndGo() {
        ids.reconcile(state(0, 100));
        int before = ids.of(address(7), Cipher.AES_256_GCM);
        ids.reconcile(state(7, 4000));
        ids.reconcile(state(7, 8));
        assertEquals(before, ids.of(address(7), Cipher.AES_256_GCM));
    }

    @Test
    void shouldTellNodesApart() {
        RequestIds other = new RequestIds("nodetwo2");
        other.reconcile(state(0, 1));
        assertFalse(ids.isOwn(other.of(address(0), Cipher.AES_128_GCM)));
    }

    @Test
    void shouldRefuseMorePeersThanItHasNumbersFor() {
        assertThrows(WeftException.DataPathFailed.class, () -> ids.reconcile(state(0, MOST + 1)));
    }

    private static DataPathState state(int from, int to) {
        return new DataPathState(1, List.of(), IntStream.range(from, to)
                .mapToObj(peer -> new PeerSecurity(address(peer), Cipher.AES_128_GCM, false, List.of(), Optional.empty())).toList());
    }

    private static InetAddress address(int peer) {
        return InetAddress.ofLiteral("10.1." + peer / 256 + "." + peer % 256);
    }
}
