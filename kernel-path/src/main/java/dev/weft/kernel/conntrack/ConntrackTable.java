package dev.weft.kernel.conntrack;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.SocketFilter;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The tracked flows of the namespace that a netfilter socket was opened in. */
final class ConntrackTable {

    static final int SUBSYSTEM = 1;
    /** A message about a flow that has begun, or changed; and about one that is known no more. */
    static final int NEW = 0;
    static final int DELETE = 2;

    private static final int GET = 1;
    /** struct nlmsghdr: its length, and where type and flags are; nlattr. */
    private static final int MESSAGE_HEADER = 16;
    private static final int MESSAGE_TYPE = 4;
    private static final int MESSAGE_FLAGS = 6;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int NFGENMSG = 4;
    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_REPLY = 2;
    private static final int ID = 12;
    private static final int FILTER = 25;
    private static final int FILTER_ORIGINAL_FLAGS = 1;
    private static final int FILTER_REPLY_FLAGS = 2;
    private static final int FILTER_SOURCE = 1;
    private static final int FILTER_DESTINATION = 2;
    private static final int TUPLE_ADDRESSES = 1;
    private static final int IPV4_SOURCE = 1;
    private static final int IPV4_DESTINATION = 2;
    private static final int IPV6_SOURCE = 3;
    private static final int IPV6_DESTINATION = 4;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int PROTOCOL_NUMBER = 1;
    private static final int PROTOCOL_INFO = 4;
    private static final int PROTOCOL_INFO_TCP = 1;
    private static final int TCP_STATE = 1;
    private static final int TCP = 6;
    private static final int UNSPECIFIED = 0;
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;

    /** For each the kernel walks the flows of all namespaces, which is quick beside telling of those of this one, but not for any number. */
    static final int MOST_FILTERED = 16;

    private final NetlinkSocket socket;

    ConntrackTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    List<TrackedFlow> list() {
        return flows(message(GET, NetlinkMessage.NLM_F_DUMP, UNSPECIFIED, "list the tracked flows"));
    }

    /** Those that one of the addresses answers. */
    List<TrackedFlow> answeredBy(Set<InetAddress> addresses) {
        return list(addresses, TrackedFlow::answerer, (dump, address) -> dump
                .nested(TUPLE_REPLY, tuple -> tuple.nested(TUPLE_ADDRESSES, at -> at.attribute(IPV4_SOURCE, address)))
                .nested(FILTER, filter -> filter.attribute32(FILTER_REPLY_FLAGS, FILTER_SOURCE)));
    }

    /** Those whose first packet was sent to one of the addresses. */
    List<TrackedFlow> sentTo(Set<InetAddress> addresses) {
        return list(addresses, TrackedFlow::destination, (dump, address) -> dump
                .nested(TUPLE_ORIGINAL, tuple -> tuple.nested(TUPLE_ADDRESSES, at -> at.attribute(IPV4_DESTINATION, address)))
                .nested(FILTER, filter -> filter.attribute32(FILTER_ORIGINAL_FLAGS, FILTER_DESTINATION)));
    }

    /**
     * By a filter of the kernel for each IPv4 address while they are few; kernels before 5.8 know none and list all. Of many, and of IPv6, all
     * flows of the family are read, once: with an IPv6 address in a filter Linux lists all but those that are asked for
     * (ctnetlink_filter_match_tuple, up to 6.18 at least). So the questions are at most 17, however many addresses there are.
     *
     * @param filter writes into a request to list that it is about flows of an IPv4 address
     */
    private List<TrackedFlow> list(Set<InetAddress> addresses, Function<TrackedFlow, InetAddress> of,
                                   BiConsumer<NetlinkMessage, InetAddress> filter) {
        List<TrackedFlow> found = new ArrayList<>();
        List<InetAddress> ipv4 = addresses.stream().filter(Inet4Address.class::isInstance).toList();
        if (ipv4.size() > MOST_FILTERED) {
            found.addAll(flows(message(GET, NetlinkMessage.NLM_F_DUMP, IPV4, "list the tracked flows by IPv4")));
        } else {
            for (InetAddress address : ipv4) {
                NetlinkMessage dump = message(GET, NetlinkMessage.NLM_F_DUMP, IPV4, "list the flows of " + address.getHostAddress());
                filter.accept(dump, address);
                flows(dump).stream().filter(flow -> of.apply(flow).equals(address)).forEach(found::add);
            }
        }
        if (ipv4.size() < addresses.size()) {
            found.addAll(flows(message(GET, NetlinkMessage.NLM_F_DUMP, IPV6, "list the tracked flows by IPv6")));
        }
        found.removeIf(flow -> !addresses.contains(of.apply(flow)));
        return found;
    }

    private List<TrackedFlow> flows(NetlinkMessage dump) {
        return socket.query(dump).stream().flatMap(reply -> flow(reply).stream()).toList();
    }

    /** What a message of the kernel is about; nothing if that has no addresses. */
    static Optional<TrackedFlow> flow(NetlinkReply reply) {
        Attributes all = reply.attributes(NFGENMSG);
        Attributes there = all.nested(TUPLE_ORIGINAL).nested(TUPLE_ADDRESSES);
        Attributes back = all.nested(TUPLE_REPLY).nested(TUPLE_ADDRESSES);
        Optional<InetAddress> destination = there.address(IPV4_DESTINATION).or(() -> there.address(IPV6_DESTINATION));
        Optional<InetAddress> answerer = back.address(IPV4_SOURCE).or(() -> back.address(IPV6_SOURCE));
        return destination.flatMap(to -> answerer.map(from -> new TrackedFlow(all.bytes(ID).map(bytes -> ByteBuffer.wrap(bytes).getInt()).orElse(0),
                all.bytes(TUPLE_ORIGINAL).orElseThrow(), to, from, phase(all))));
    }

    private static TrackedFlow.Phase phase(Attributes flow) {
        if (flow.nested(TUPLE_ORIGINAL).nested(TUPLE_PROTOCOL).integer(PROTOCOL_NUMBER).orElse(0) != TCP) {
            return TrackedFlow.Phase.OPEN;
        }
        OptionalInt state = flow.nested(PROTOCOL_INFO).nested(PROTOCOL_INFO_TCP).integer(TCP_STATE);
        return state.isEmpty() ? TrackedFlow.Phase.UNKNOWN : TrackedFlow.Phase.ofTcp(state.getAsInt());
    }

    /** Does nothing when it has ended already. */
    void delete(TrackedFlow flow) {
        int family = flow.destination() instanceof Inet4Address ? IPV4 : IPV6;
        try {
            socket.request(message(DELETE, NetlinkMessage.NLM_F_ACK, family, "forget a tracked flow to " + flow.destination().getHostAddress())
                    .nested(TUPLE_ORIGINAL, tuple -> tuple.raw(flow.tuple())).attribute32be(ID, flow.id()));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /**
     * Of the kernel's events those that a flow has begun, or is known no more, or that a TCP connection is over; not the two of three that
     * tell of states between.
     */
    static SocketFilter beginningsAndEnds() {
        return SocketFilter.empty()
                .then(SocketFilter.LOAD_HALF, MESSAGE_TYPE)
                .takeIf(SocketFilter.JUMP_IF_EQUAL, SocketFilter.loaded(SUBSYSTEM << 8 | DELETE))
                .then(SocketFilter.LOAD_HALF, MESSAGE_FLAGS)
                .takeIf(SocketFilter.JUMP_IF_ANY_BIT, SocketFilter.loaded(NetlinkMessage.NLM_F_CREATE))
                .then(SocketFilter.LOAD_CONSTANT, MESSAGE_HEADER + NFGENMSG)
                .then(SocketFilter.LOAD_X_CONSTANT, PROTOCOL_INFO).then(SocketFilter.LOAD_WORD, SocketFilter.NETLINK_ATTRIBUTE)
                .leaveIf(SocketFilter.JUMP_IF_EQUAL, 0)
                .then(SocketFilter.LOAD_X_CONSTANT, PROTOCOL_INFO_TCP).then(SocketFilter.LOAD_WORD, SocketFilter.NESTED_ATTRIBUTE)
                .leaveIf(SocketFilter.JUMP_IF_EQUAL, 0)
                .then(SocketFilter.LOAD_X_CONSTANT, TCP_STATE).then(SocketFilter.LOAD_WORD, SocketFilter.NESTED_ATTRIBUTE)
                .leaveIf(SocketFilter.JUMP_IF_EQUAL, 0)
                .then(SocketFilter.A_TO_X, 0).then(SocketFilter.LOAD_BYTE_AT_X, ATTRIBUTE_HEADER)
                .takeIf(SocketFilter.JUMP_IF_EQUAL, TrackedFlow.Phase.TCP_LAST_ACK)
                .takeIf(SocketFilter.JUMP_IF_EQUAL, TrackedFlow.Phase.TCP_CLOSE);
    }

    private static NetlinkMessage message(int type, int flags, int family, String what) {
        return new NetlinkMessage(SUBSYSTEM << 8 | type, flags, what).u8(family).u8(0).u16be(0);
    }
}
