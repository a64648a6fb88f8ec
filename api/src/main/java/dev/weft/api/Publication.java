package dev.weft.api;

import java.util.List;
import java.util.Optional;

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

    /**
     * Who answers by a published port has to send by the way that he was asked, and only some can.
     *
     * @throws WeftException.InvalidSpec if an endpoint so attached cannot answer by all of these ports
     */
    public void requireAnswerable(String endpoint, Attachment attachment) {
        for (PublishedPort port : ports) {
            whyNot(attachment, port.protocol()).ifPresent(why -> {
                throw new WeftException.InvalidSpec("'" + port + "' cannot lead to endpoint '" + endpoint + "': it is " + why);
            });
        }
    }

    private static Optional<String> whyNot(Attachment attachment, PortProtocol protocol) {
        return switch (attachment) {
            case Attachment.NetworkNamespace _ -> Optional.empty();
            case Attachment.InProcess _ -> protocol == PortProtocol.UDP ? Optional.empty()
                    : Optional.of("in-process, has datagram channels and speaks UDP alone; publish by UDP, or attach a network namespace");
            case Attachment.HostInterface _ -> Optional.of("an interface of the host, where an answer could not be told from all else that the host "
                    + "sends; attach a network namespace, or let what runs on the host listen at the node's own address");
            case Attachment.External _ -> Optional.of("behind a VTEP that is not Weft's, where nobody knows the way back to a client; attach it at a "
                    + "node, as a network namespace");
        };
    }

    public boolean isNone() {
        return ports.isEmpty();
    }
}
