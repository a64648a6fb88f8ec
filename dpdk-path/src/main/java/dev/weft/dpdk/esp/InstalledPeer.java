package dev.weft.dpdk.esp;

import dev.weft.api.Cipher;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The SAs with one peer for one cipher, with their state.
 *
 * @param udp whether what goes to it goes in UDP
 */
public record InstalledPeer(InetAddress vtep, Cipher cipher, boolean udp, List<InboundSa> inbound, Optional<OutboundSa> outbound) {
}
