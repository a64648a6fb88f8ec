package dev.weft.mesh.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whose turn it is to stand first in the answer, for each name and family: clients ask for A and AAAA in turn, so that one counter
 * for both would give each only every second address. Thread-safe.
 */
final class Rotation {

    /** Names that one network rotates at a time; beyond them all begin anew, which is as fair. */
    private static final int MAX_NAMES = 10_000;

    private record Key(String name, Class<?> family) {
    }

    private final Map<Key, AtomicInteger> turns = new ConcurrentHashMap<>();

    /** @param addresses of one family; the first of them stands behind the others at the next call */
    List<InetAddress> rotated(String name, List<InetAddress> addresses) {
        if (addresses.size() < 2) {
            return addresses;
        }
        if (turns.size() > MAX_NAMES) {
            turns.clear();
        }
        int turn = turns.computeIfAbsent(new Key(name.toLowerCase(Locale.ROOT), addresses.getFirst().getClass()), _ -> new AtomicInteger())
                .getAndIncrement();
        List<InetAddress> rotated = new ArrayList<>(addresses);
        Collections.rotate(rotated, -Math.floorMod(turn, addresses.size()));
        return rotated;
    }
}
