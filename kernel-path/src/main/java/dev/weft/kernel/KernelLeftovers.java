package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.Leftovers;
import dev.weft.ffm.libc.Capability;
import dev.weft.ffm.libc.DeadNames;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.kernel.gwbridge.BridgeLeftovers;
import dev.weft.kernel.nft.Ruleset;
import dev.weft.kernel.xfrm.EspLeftovers;
import java.util.ArrayList;
import java.util.List;

/**
 * What a killed node has in the kernel: the namespaces of its networks, its SAs and policies, its ports at the gateway bridge, and its tables.
 * SAs go first, so that nothing is opened any more; rules last. In namespaces of backends a rule by the ingress address may stay: it is about
 * an interface that has gone. Of other nodes the names go whose namespaces are no more.
 */
public final class KernelLeftovers implements Leftovers {

    @Override
    public List<String> remove(String nodeId) {
        if (!Capability.NET_ADMIN.isEffective() || !Capability.SYS_ADMIN.isEffective()) {
            throw new WeftException.PrivilegeMissing("what a node left is in network namespaces, and this process may not change them; run as root,"
                    + " or give it CAP_NET_ADMIN and CAP_SYS_ADMIN");
        }
        KernelNames names = new KernelNames(nodeId);
        List<String> removed = new ArrayList<>();
        try (NetworkNamespace here = NetworkNamespace.current(); NetlinkSocket filter = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
            removed.addAll(EspLeftovers.removeStates(nodeId));
            removeNamespaces(names, removed);
            removed.addAll(BridgeLeftovers.remove(here, nodeId));
            removed.addAll(EspLeftovers.removePolicies(nodeId));
            for (String table : List.of(names.table(), names.gatewayBridgeTable(), names.portsTable())) {
                removed.addAll(Ruleset.removeAll(filter, table));
            }
            return removed;
        } catch (NetlinkException | WeftException e) {
            throw new WeftException.DataPathFailed("not all could be removed that node " + nodeId + " left: " + e.getMessage() + "; removed before: "
                    + removed, e);
        }
    }

    /** Those of the node, each whatever becomes of the others; and names of other nodes too, whose namespaces are gone. */
    private static void removeNamespaces(KernelNames names, List<String> removed) {
        List<RuntimeException> failures = new ArrayList<>();
        NetworkNamespace.names().stream().filter(name -> names.vni(name).isPresent()).forEach(name -> {
            try {
                if (NetworkNamespace.exists(name)) {
                    NetworkScope.open(name).destroy();
                } else {
                    NetworkNamespace.delete(name);
                }
                removed.add("network namespace " + name);
            } catch (NetlinkException | WeftException e) {
                failures.add(e);
            }
        });
        DeadNames.remove(KernelNames::isNamespace).forEach(name -> removed.add("network namespace " + name + ", of which the name was left"));
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }
}
