package dev.weft.kernel.xfrm;

import dev.weft.api.Cipher;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The request ids of a node. One stands for one peer and cipher: it ties the policies, and the rules about what came in, to the SAs
 * of that peer, over all rekeys. It also says whose SA it is, so that a restarted node finds its own. One thread at a time.
 *
 * <pre>
 *   1 | node, 17 bits | peer, 13 bits | cipher, 1 bit
 * </pre>
 */
public final class RequestIds {

    /** Bits that are the same in all ids of a node. */
    static final int NODE_MASK = 0xffff_c000;

    private static final int PEERS = 1 << 13;

    private final int node;
    private final Map<InetAddress, Integer> numbers = new HashMap<>();
    private final BitSet taken = new BitSet(PEERS);

    public RequestIds(String nodeId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(nodeId.getBytes(StandardCharsets.UTF_8));
            node = (digest[0] << 24 | (digest[1] & 0xff) << 16 | (digest[2] & 0xff) << 8) & NODE_MASK | 1 << 31;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /**
     * Gives numbers to the peers of encrypted networks, and takes back those of peers that are gone.
     *
     * @throws WeftException.DataPathFailed if there are too many
     */
    public void reconcile(DataPathState state) {
        Set<InetAddress> peers = new HashSet<>();
        state.peers().stream().map(PeerSecurity::vtep).forEach(peers::add);
        state.networks().stream().filter(network -> network.encryption().isPresent()).map(NetworkState::remotes)
                .forEach(remotes -> remotes.stream().map(RemoteEndpoint::vtep).forEach(peers::add));
        if (peers.size() > PEERS) {
            throw new WeftException.DataPathFailed("the kernel path encrypts to " + PEERS + " other nodes at most, not to " + peers.size()
                    + "; take the data path 'dpdk' on this node");
        }
        numbers.entrySet().removeIf(entry -> {
            boolean gone = !peers.contains(entry.getKey());
            taken.set(entry.getValue(), !gone);
            return gone;
        });
        peers.forEach(peer -> numbers.computeIfAbsent(peer, this::draw));
    }

    /** From the address, so that a restarted node mostly draws the same. */
    private int draw(InetAddress peer) {
        int first = Math.floorMod(peer.hashCode(), PEERS);
        int free = taken.nextClearBit(first);
        int number = free < PEERS ? free : taken.nextClearBit(0);
        taken.set(number);
        return number;
    }

    /** Of a peer of an encrypted network of the state reconciled last. */
    public int of(InetAddress peer, Cipher cipher) {
        return node | numbers.get(peer) << 1 | cipher.ordinal();
    }

    /** What a node's ids have in common, under {@link #mask}. */
    public int node() {
        return node;
    }

    public int mask() {
        return NODE_MASK;
    }

    boolean isOwn(int reqid) {
        return (reqid & NODE_MASK) == node;
    }
}
