package dev.weft.testing;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.DataPathKind;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two hosts on a wire, and containers at them; network namespaces all. Offloads of the wire's ends are off, for a wire has none.
 * All networks but {@link #APART} have the same subnets, 10.77.0.0/24 and fd77::/64.
 */
public final class TwoHosts implements AutoCloseable {

    public static final int MTU_IPV4 = 1450;
    public static final int MTU_IPV6 = 1430;

    /** A member of a network. @param host 1 or 2 @param number last part of its addresses */
    public record Member(String name, int vni, int host, int number, String container) {

        public MacAddress mac() {
            return new MacAddress(0x0200_0000_0000L | (long) vni << 8 | number);
        }

        public String ipv4() {
            return "10." + subnet(vni) + ".0." + number;
        }

        public String ipv6() {
            return "fd" + subnet(vni) + "::" + Integer.toHexString(number);
        }

        public String interfaceName() {
            return "net" + vni;
        }
    }

    /** A network whose subnets are others than those of all the rest: 10.79.0.0/24 and fd79::/64. */
    public static final int APART = 79;

    private static final AtomicInteger RUNS = new AtomicInteger();

    private final String prefix = "wx" + ProcessHandle.current().pid() + "-" + RUNS.incrementAndGet();
    private final boolean ipv6;
    private final List<String> namespaces = new ArrayList<>();
    private final List<DataPath> open = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final List<ServiceState> services = new ArrayList<>();
    private long epoch;

    /** @param ipv6 the underlay's family */
    public TwoHosts(boolean ipv6) {
        this.ipv6 = ipv6;
        namespace(host(1));
        namespace(host(2));
        Shell.words("ip -n " + host(1) + " link add up0 type veth peer name up0 netns " + host(2));
        for (int host = 1; host <= 2; host++) {
            Shell.words("ip -n " + host(host) + " addr add " + vtep(host) + (ipv6 ? "/64 dev up0 nodad" : "/24 dev up0"));
            Shell.words("ip -n " + host(host) + " link set lo up");
            Shell.words("ip -n " + host(host) + " link set up0 up");
            Shell.in(host(host), "ethtool", "-K", "up0", "tx", "off", "tso", "off", "gso", "off", "gro", "off");
        }
    }

    /** Makes the wire what a veth is: it does not segment, and leaves checksums undone. */
    public void leaveWorkUndone() {
        for (int host = 1; host <= 2; host++) {
            Shell.in(host(host), "ethtool", "-K", "up0", "tx", "on", "tso", "on", "gso", "on", "gro", "on");
        }
    }

    private void namespace(String name) {
        Shell.words("ip netns add " + name);
        namespaces.add(name);
        Shell.words("ip -n " + name + " link set lo up");
    }

    public String host(int number) {
        return prefix + "h" + number;
    }

    public String vtep(int host) {
        return ipv6 ? "fd99::" + host : "192.0.2." + host;
    }

    public int mtu() {
        return ipv6 ? MTU_IPV6 : MTU_IPV4;
    }

    /** Opens a data path at a host. */
    public DataPath open(int host, DataPathKind kind) {
        DataPathProvider provider = ServiceLoader.load(DataPathProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(each -> each.kind() == kind).findFirst().orElseThrow();
        DataPath path = provider.open(new DataPathConfig("n" + host + Long.toHexString(System.nanoTime() & 0xfff_ffffL), InetAddress.ofLiteral(vtep(host)),
                4789, Optional.empty(), Optional.of(host(host)), PipelineSpec.DEFAULT));
        open.add(path);
        return path;
    }

    /** A container of its own, in one network. */
    public Member member(String name, int vni, int host, int number) {
        String container = prefix + name;
        namespace(container);
        return member(name, vni, host, number, container);
    }

    /** A further interface of a container that is there. */
    public Member member(String name, int vni, int host, int number, String container) {
        Member member = new Member(name, vni, host, number, container);
        members.add(member);
        return member;
    }

    /** With a VIP in each family. */
    public void service(String name, int number, List<Member> backends) {
        services.removeIf(service -> service.name().equals(name));
        services.add(new ServiceState(name, InetAddress.ofLiteral("10.77.0." + number),
                backends.stream().map(backend -> InetAddress.ofLiteral(backend.ipv4())).toList()));
        services.add(new ServiceState(name, InetAddress.ofLiteral("fd77::" + Integer.toHexString(number)),
                backends.stream().map(backend -> InetAddress.ofLiteral(backend.ipv6())).toList()));
    }

    /** What a host has to make so now. */
    public DataPathState state(int host) {
        return new DataPathState(++epoch, members.stream().map(Member::vni).distinct().map(vni -> network(vni, host)).toList());
    }

    private NetworkState network(int vni, int host) {
        List<LocalEndpoint> locals = members.stream().filter(member -> member.vni() == vni && member.host() == host)
                .map(member -> new LocalEndpoint(new EndpointId(vni, member.name()), member.mac(), addresses(member),
                        new Attachment.NetworkNamespace(member.container(), member.interfaceName()))).toList();
        List<RemoteEndpoint> remotes = members.stream().filter(member -> member.vni() == vni && member.host() != host)
                .map(member -> new RemoteEndpoint(new EndpointId(vni, member.name()), member.mac(), addresses(member),
                        InetAddress.ofLiteral(vtep(member.host())))).toList();
        return new NetworkState("net" + vni, vni, mtu(), NetworkState.gatewayMacOf(vni),
                List.of(new SubnetState(Cidr.parse("10." + subnet(vni) + ".0.0/24"), InetAddress.ofLiteral("10." + subnet(vni) + ".0.1")),
                        new SubnetState(Cidr.parse("fd" + subnet(vni) + "::/64"), InetAddress.ofLiteral("fd" + subnet(vni) + "::1"))),
                locals, remotes, vni == APART ? List.of() : services);
    }

    private static int subnet(int vni) {
        return vni == APART ? APART : 77;
    }

    private static List<InetAddress> addresses(Member member) {
        return List.of(InetAddress.ofLiteral(member.ipv4()), InetAddress.ofLiteral(member.ipv6()));
    }

    /** A vxlan device at host 2 as iproute2 makes it; the host itself is the member behind it. */
    public Member handMade(int vni, int number) {
        Member member = new Member("handmade", vni, 2, number, host(2));
        String at = "ip -n " + host(2);
        Shell.words(at + " link add vx type vxlan id " + vni + " remote " + vtep(1) + " local " + vtep(2) + " dstport 4789");
        Shell.words(at + " link set vx address " + member.mac() + " mtu " + mtu() + " up");
        Shell.words(at + " addr add " + member.ipv4() + "/24 dev vx");
        Shell.words(at + " addr add " + member.ipv6() + "/64 dev vx nodad");
        members.add(member);
        return member;
    }

    @Override
    public void close() {
        open.forEach(DataPath::close);
        namespaces.reversed().forEach(namespace -> Shell.words("ip netns del " + namespace));
    }
}
