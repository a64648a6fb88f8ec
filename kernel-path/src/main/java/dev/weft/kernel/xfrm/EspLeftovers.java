package dev.weft.kernel.xfrm;

import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.xfrm.Policy;
import dev.weft.ffm.xfrm.PolicyTable;
import dev.weft.ffm.xfrm.StateId;
import dev.weft.ffm.xfrm.StateTable;
import java.util.List;

/** SAs and policies of a node that does not run, in the network namespace of the calling thread, whatever its addresses were. */
public final class EspLeftovers {

    private EspLeftovers() {
    }

    /** @return what was removed */
    public static List<String> removeStates(String nodeId) {
        RequestIds ids = new RequestIds(nodeId);
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_XFRM)) {
            StateTable table = new StateTable(socket);
            List<StateId> own = table.list().stream().filter(id -> ids.isOwn(id.reqid())).toList();
            own.forEach(table::remove);
            return own.stream().map(id -> "SA " + Integer.toHexString(id.spi()) + " to " + id.destination().getHostAddress()).toList();
        }
    }

    /** @return what was removed */
    public static List<String> removePolicies(String nodeId) {
        int priority = EspPolicies.priority(new RequestIds(nodeId));
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_XFRM)) {
            PolicyTable table = new PolicyTable(socket);
            List<Policy> own = table.list().stream().filter(policy -> policy.destinationPort() != 0 && EspPolicies.isOf(policy, priority)).toList();
            own.forEach(table::remove);
            return own.stream().map(policy -> "IPsec policy " + policy.direction() + " to " + policy.destination().getHostAddress() + " port "
                    + policy.destinationPort()).toList();
        }
    }
}
