package dev.weft.kernel;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Makes a set of things so by writing only what differs: what is too much goes first, then comes what is missing. */
final class Difference {

    private Difference() {
    }

    static <T> void reconcile(Collection<T> found, Collection<T> wanted, Consumer<T> remove, Consumer<T> add) {
        Set<T> there = new HashSet<>(found);
        Set<T> target = new HashSet<>(wanted);
        found.stream().filter(thing -> !target.contains(thing)).forEach(remove);
        wanted.stream().filter(thing -> !there.contains(thing)).distinct().forEach(add);
    }
}
