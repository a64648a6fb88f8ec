package dev.weft.api.path;

import dev.weft.api.Cipher;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * How a node and one peer encrypt to each other with one cipher.
 *
 * @param vtep     the peer's
 * @param udp      ESP goes in UDP (RFC 3948), for networks that drop protocol 50 and for peers that have a socket only
 * @param inbound  what the peer may send with now; during a rekey the old one and the new one
 * @param outbound what this node sends with; none: what would go to the peer is dropped, never sent in clear
 */
public record PeerSecurity(InetAddress vtep, Cipher cipher, boolean udp, List<SecurityAssociation> inbound,
                           Optional<SecurityAssociation> outbound) {

    public PeerSecurity {
        inbound = List.copyOf(inbound);
    }
}
