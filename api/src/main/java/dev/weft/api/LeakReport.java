package dev.weft.api;

import java.util.List;

/**
 * What {@link OverlayNetwork#verify} found.
 *
 * @param peers     names of the nodes that marked frames were sent to
 * @param sent      marked frames
 * @param encrypted ESP packets to those nodes that were seen on the uplink meanwhile
 * @param leaks     what was seen in clear, a line each; empty is good
 * @param blind     why nothing can be said; empty when it can
 */
public record LeakReport(String network, List<String> peers, int sent, long encrypted, List<String> leaks, List<String> blind) {

    public LeakReport {
        peers = List.copyOf(peers);
        leaks = List.copyOf(leaks);
        blind = List.copyOf(blind);
    }

    /** Whether everything was seen, and nothing of it in clear. */
    public boolean isClean() {
        return leaks.isEmpty() && blind.isEmpty();
    }
}
