package dev.weft.kernel.xfrm;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaUsage;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.xfrm.PolicyTable;
import dev.weft.ffm.xfrm.StateTable;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's IPsec in the uplink's namespace, made as a state says. What keeps clear text in are the nf_tables rules
 * ({@link dev.weft.kernel.nft.UnderlayRules}), which are there before this and go after it; this is what encrypts.
 */
public final class Encryption implements AutoCloseable {

    private final NetworkNamespace namespace;
    private final DataPathConfig config;
    private final NetlinkSocket socket;
    private final EspPolicies policies;
    private final EspStates states;
    private EspInUdp udp;

    /** @param namespace the uplink's */
    public Encryption(NetworkNamespace namespace, DataPathConfig config, RequestIds ids) {
        this.namespace = namespace;
        this.config = config;
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_XFRM));
        policies = new EspPolicies(config, ids, new PolicyTable(socket));
        states = new EspStates(config, ids, new StateTable(socket));
    }

    /**
     * Makes policies and SAs so.
     *
     * @return why ESP in UDP cannot be received, when a peer needs it and somebody else has the port
     */
    public synchronized Optional<WeftException> reconcile(DataPathState state) {
        policies.reconcile(state);
        states.reconcile(state.peers());
        if (state.peers().stream().noneMatch(PeerSecurity::udp)) {
            closeUdp();
        } else if (udp == null) {
            try {
                udp = EspInUdp.open(namespace, config);
            } catch (WeftException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    private void closeUdp() {
        if (udp != null) {
            udp.close();
            udp = null;
        }
    }

    /** Of every SA of the state made last. */
    public synchronized List<SaUsage> usage() {
        return states.usage();
    }

    /** Requests for a change made to the kernel. */
    public long changes() {
        return socket.changes();
    }

    /** Lets go of the sockets; policies and SAs stay until a state without them was made. */
    @Override
    public synchronized void close() {
        closeUdp();
        socket.close();
    }
}
