package dev.weft.kernel.conntrack;

import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkEvents;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.util.Set;

/**
 * The open flows to some VIPs of a namespace: those that are there, and then whatever conntrack tells. One thread at a time.
 *
 * <pre>
 *   listen --> list all --> drain, drain, drain ... --> events were lost: closed, and another one opened
 * </pre>
 * What begins or ends between the first two is listed, told, or both; the order of the messages makes it right.
 */
public final class FlowEvents implements AutoCloseable {

    /** Groups of ctnetlink (enum nfnetlink_groups). */
    private static final int[] NEW_UPDATE_DESTROY = {1, 2, 3};

    private final NetworkNamespace namespace;
    private final NetlinkEvents events;
    private final OpenFlows flows = new OpenFlows();

    private FlowEvents(NetworkNamespace namespace) {
        this.namespace = namespace;
        this.events = namespace.call(() -> NetlinkEvents.open(NetlinkSocket.NETLINK_NETFILTER, ConntrackTable.beginningsAndEnds(),
                NEW_UPDATE_DESTROY));
    }

    /**
     * Counts what is there; the time goes by that.
     *
     * @throws dev.weft.ffm.netlink.NetlinkException     if the kernel refuses
     * @throws dev.weft.api.WeftException.DataPathFailed if it tells nothing of conntrack
     */
    public static FlowEvents open(NetworkNamespace namespace, Set<InetAddress> vips) {
        FlowEvents opened = new FlowEvents(namespace);
        try {
            opened.follow(vips);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The flows to these VIPs from now on; those to further ones are counted, as {@link #open} does. */
    public void follow(Set<InetAddress> vips) {
        Set<InetAddress> added = flows.follow(vips);
        if (!added.isEmpty()) {
            namespace.call(() -> {
                try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                    ConntrackTable table = new ConntrackTable(socket);
                    table.sentTo(added).forEach(flows::seen);
                }
                return null;
            });
        }
    }

    /** As of the last {@link #drain}. */
    public OpenFlows flows() {
        return flows;
    }

    /** For poll(2). */
    public int descriptor() {
        return events.descriptor();
    }

    /** Hears what has been told. @return false when something was lost on the way, so that the numbers are wrong */
    public boolean drain() {
        return events.drain(this::heard);
    }

    private void heard(NetlinkReply message) {
        switch (message.type() - (ConntrackTable.SUBSYSTEM << 8)) {
            case ConntrackTable.NEW -> ConntrackTable.flow(message).ifPresent(flows::seen);
            case ConntrackTable.DELETE -> ConntrackTable.flow(message).ifPresent(flows::ended);
            default -> { } // of another subsystem
        }
    }

    @Override
    public void close() {
        events.close();
    }
}
