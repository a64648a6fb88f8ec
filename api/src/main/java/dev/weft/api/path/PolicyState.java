package dev.weft.api.path;

import dev.weft.api.PolicyRule;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * A rule of a network, with the addresses that it is about now. Those of a network stand in the order in which they decide.
 *
 * @param from addresses of the endpoints that begin the flow; empty: any
 * @param to   addresses of those that it goes to; empty: any
 */
public record PolicyState(PolicyRule rule, Optional<Set<InetAddress>> from, Optional<Set<InetAddress>> to) {

    public PolicyState {
        from = from.map(Set::copyOf);
        to = to.map(Set::copyOf);
    }

    /** The scope of the counter {@code hits} of a rule. */
    public static String scope(String network, String rule) {
        return "policy:" + network + "/" + rule;
    }
}
