package dev.weft.api;

import java.util.List;

/**
 * What of a service, or of one endpoint, can be reached from outside of the overlay.
 *
 * @param masquerade whether backends see an address of the node that a connection came in by, instead of the client's own
 */
public record Publication(List<PublishedPort> ports, boolean masquerade) {

    public static final Publication NONE = new Publication(List.of(), false);

    /** @throws WeftException.InvalidSpec if a port is published twice */
    public Publication {
        ports = List.copyOf(ports);
        for (int i = 0; i < ports.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (ports.get(i).overlaps(ports.get(j))) {
                    throw new WeftException.InvalidSpec("'" + ports.get(j) + "' and '" + ports.get(i) + "' publish the same port twice; "
                            + "leave one out");
                }
            }
        }
    }

    public boolean isNone() {
        return ports.isEmpty();
    }
}
