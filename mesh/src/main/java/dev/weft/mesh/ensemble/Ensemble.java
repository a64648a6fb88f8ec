package dev.weft.mesh.ensemble;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which managers' servers are in the cluster store's ensemble, by their ids. Immutable.
 *
 * @param voters    a change is made when a majority of them has it on disk
 * @param observers have all changes, and no vote
 */
public record Ensemble(SortedSet<Integer> voters, SortedSet<Integer> observers) {

    public Ensemble {
        voters = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(voters));
        observers = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(observers));
    }

    public static Ensemble of(Collection<Integer> voters, Collection<Integer> observers) {
        return new Ensemble(new TreeSet<>(voters), new TreeSet<>(observers));
    }

    public boolean contains(int server) {
        return voters.contains(server) || observers.contains(server);
    }

    /** How many of so many voters make a majority. */
    public static int majorityOf(int voters) {
        return voters / 2 + 1;
    }
}
