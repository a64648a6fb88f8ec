package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PublishedState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.Sysctl;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.kernel.nft.HostPortRules;
import java.net.Inet6Address;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Published ports by nf_tables: rules in the node's network namespace for the way in, and in the namespaces of its backends for the way
 * back.
 */
final class KernelPortPublisher implements PortPublisher {

    private final NetworkNamespace namespace;
    private final String table;
    /** Those that something may have been made for. */
    private Set<PublishedState.Backend> answering = Set.of();
    private boolean closed;

    private KernelPortPublisher(NetworkNamespace namespace, String table) {
        this.namespace = namespace;
        this.table = table;
    }

    static KernelPortPublisher open(DataPathConfig config) {
        NetworkNamespace namespace = config.namespace().map(NetworkNamespace::open).orElseGet(NetworkNamespace::current);
        return new KernelPortPublisher(namespace, new KernelNames(config.nodeId()).portsTable());
    }

    @Override
    public void apply(PublishedState state) {
        if (closed) {
            throw new WeftException.NodeClosed("the port publisher is closed");
        }
        Map<String, WeftException> failures = new TreeMap<>();
        Set<PublishedState.Backend> gone = new HashSet<>(answering);
        state.backends().forEach(gone::remove);
        Set<PublishedState.Backend> left = new HashSet<>(gone);
        gone.forEach(backend -> attempt(failures, backend.namespace(), () -> {
            BackendReplies.remove(backend);
            left.remove(backend);
        }));
        left.addAll(state.backends()); // one that cannot be made whole is there in part
        answering = left;
        state.backends().forEach(backend -> attempt(failures, backend.namespace(), () -> BackendReplies.reconcile(backend)));
        attempt(failures, "the node's own", () -> namespace.call(() -> { // last: no question before there can be an answer
            state.gateway().ifPresent(KernelPortPublisher::allowForwarding);
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                HostPortRules.reconcile(socket, table, state);
            }
            return null;
        }));
        if (!failures.isEmpty()) {
            throw new WeftException.DataPathFailed("published ports: " + failures.values().stream().map(WeftException::getMessage).toList(),
                    failures.values().iterator().next());
        }
    }

    /** One namespace that is gone must not take the others along. */
    private static void attempt(Map<String, WeftException> failures, String where, Runnable work) {
        try {
            work.run();
        } catch (NetlinkException e) {
            failures.put(where, new WeftException.DataPathFailed("in network namespace '" + where + "': " + e.getMessage(), e));
        } catch (WeftException e) {
            failures.put(where, e);
        }
    }

    /**
     * What comes in for a published port is forwarded, so the host forwards from now on. The host's own questions to 127.0.0.1 leave by the
     * gateway's interface.
     */
    private static void allowForwarding(PublishedState.Gateway gateway) {
        Sysctl.set("ipv4/ip_forward", "1");
        Sysctl.set("ipv4/conf/" + gateway.interfaceName() + "/route_localnet", "1");
        if (gateway.addresses().stream().anyMatch(Inet6Address.class::isInstance)) {
            Sysctl.set("ipv6/conf/all/forwarding", "1");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            try {
                apply(PublishedState.NONE);
            } finally {
                closed = true;
                namespace.close();
            }
        }
    }
}
