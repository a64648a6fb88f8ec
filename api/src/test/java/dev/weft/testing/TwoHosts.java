package dev.weft.testing;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.PolicyRule;
import dev.weft.api.PolicySelector;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.UnderlayOverhead;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Two hosts on a wire, and containers at them; network namespaces all. Offloads of the wire's ends are off, for a wire has none.
 * All networks but {@link #APART} have the same subnets, 10.77.0.0/24 and fd77::/64.
 */
public final class TwoHosts implements AutoCloseable {

    public static final int MTU_IPV4 = 1450;
    public static final int MTU_IPV6 = 1430;

    private static final int UNDERLAY_MTU = 1500;

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

    private final String prefix;
    private final boolean ipv6;
    private final List<String> namespaces = new ArrayList<>();
    private final List<DataPath> open = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final List<ServiceState> services = new ArrayList<>();
    private final Map<Integer, String> uplinks = new HashMap<>();
    private final Map<Integer, PipelineSpec> pipelines = new HashMap<>();
    private List<PolicyState> policies = List.of();
    private final Map<Integer, Cipher> encrypted = new HashMap<>();
    private final Map<Cipher, PairKeys> keys = new EnumMap<>(Cipher.class);
    private final HandMadeVxlan handMade = new HandMadeVxlan(this);
    private long epoch;

    /** @param ipv6 the underlay's family */
    public TwoHosts(boolean ipv6) {
        this(ipv6, 1);
    }

    /** @param queues of the wire at either end, each way */
    public TwoHosts(boolean ipv6, int queues) {
        this("wx" + ProcessHandle.current().pid() + "-" + RUNS.incrementAndGet(), ipv6);
        try {
            layWire(" numrxqueues " + queues + " numtxqueues " + queues);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private void layWire(String queues) {
        namespace(host(1));
        namespace(host(2));
        Shell.words("ip -n " + host(1) + " link add up0" + queues + " type veth peer name up0" + queues + " netns " + host(2));
        for (int host = 1; host <= 2; host++) {
            Shell.words("ip -n " + host(host) + " addr add " + vtep(host) + (ipv6 ? "/64 dev up0 nodad" : "/24 dev up0"));
            Shell.words("ip -n " + host(host) + " link set lo up");
            Shell.words("ip -n " + host(host) + " link set up0 up");
            Shell.in(host(host), "ethtool", "-K", "up0", "tx", "off", "tso", "off", "gso", "off", "gro", "off");
        }
    }

    private TwoHosts(String prefix, boolean ipv6) {
        this.prefix = prefix;
        this.ipv6 = ipv6;
    }

    /** Those that another process has made, on a wire of IPv4. @param host name of its first host */
    public static TwoHosts of(String host) {
        return new TwoHosts(host.substring(0, host.length() - 2), false);
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

    /** Of a network, which loses some of it to ESP when it is encrypted. */
    public int mtu(int vni) {
        Cipher cipher = encrypted.get(vni);
        return cipher == null ? mtu() : UnderlayOverhead.mtuEncrypted(UNDERLAY_MTU, InetAddress.ofLiteral(vtep(1)), keys.get(cipher).udp());
    }

    /** Makes a network an encrypted one; all networks of a cipher have the same SAs. */
    public void encrypt(int vni, Cipher cipher, PairKeys with) {
        encrypted.put(vni, cipher);
        keys.put(cipher, with);
    }

    /** How a host's data path names its uplink; else it finds the interface by its address. */
    public void uplink(int host, String uplink) {
        uplinks.put(host, uplink);
    }

    /** How a host's user-space data path runs; fused otherwise. */
    public void pipeline(int host, PipelineSpec pipeline) {
        pipelines.put(host, pipeline);
    }

    /** Opens a data path at a host. */
    public DataPath open(int host, DataPathKind kind) {
        return open(host, kind, "n" + host + Long.toHexString(System.nanoTime() & 0xfff_ffffL));
    }

    /** Opens one of a node with that id: again, when its last process was killed. */
    public DataPath open(int host, DataPathKind kind, String nodeId) {
        DataPathProvider provider = ServiceLoader.load(DataPathProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(each -> each.kind() == kind).findFirst().orElseThrow();
        DataPath path = provider.open(new DataPathConfig(nodeId, InetAddress.ofLiteral(vtep(host)), 4789,
                Optional.ofNullable(uplinks.get(host)), Optional.of(host(host)), pipelines.getOrDefault(host, PipelineSpec.DEFAULT)));
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

    /** The rules of all networks but {@link #APART}; they name members. */
    public void policies(PolicyRule... rules) {
        policies = List.of(rules).stream().map(rule -> new PolicyState(rule, named(rule.from()), named(rule.to()))).toList();
    }

    private Optional<Set<InetAddress>> named(PolicySelector selector) {
        return selector.isAny() ? Optional.empty() : Optional.of(members.stream()
                .filter(member -> selector.matches(member.name(), Map.of()))
                .flatMap(member -> addresses(member).stream()).collect(Collectors.toSet()));
    }

    /** No longer in its network; its container stays. */
    public void detach(Member member) {
        members.remove(member);
    }

    /** With a VIP in each family. */
    public void service(String name, int number, List<Member> backends) {
        service(name, number, backends, Spread.EVEN);
    }

    public void service(String name, int number, List<Member> backends, Spread spread) {
        service(name, number, backends, List.of(), spread);
    }

    /** @param draining backends that keep the flows they have and get no new ones */
    public void service(String name, int number, List<Member> backends, List<Member> draining, Spread spread) {
        services.removeIf(service -> service.name().equals(name));
        services.add(new ServiceState(name, InetAddress.ofLiteral("10.77.0." + number),
                backends.stream().map(backend -> InetAddress.ofLiteral(backend.ipv4())).toList(),
                draining.stream().map(backend -> InetAddress.ofLiteral(backend.ipv4())).toList(), spread));
        services.add(new ServiceState(name, InetAddress.ofLiteral("fd77::" + Integer.toHexString(number)),
                backends.stream().map(backend -> InetAddress.ofLiteral(backend.ipv6())).toList(),
                draining.stream().map(backend -> InetAddress.ofLiteral(backend.ipv6())).toList(), spread));
    }

    /** What a host has to make so now. */
    public DataPathState state(int host) {
        return new DataPathState(++epoch, members.stream().map(Member::vni).distinct().map(vni -> network(vni, host)).toList(),
                keys.values().stream().map(pair -> pair.peer(host, InetAddress.ofLiteral(vtep(3 - host)))).toList());
    }

    private NetworkState network(int vni, int host) {
        List<LocalEndpoint> locals = members.stream().filter(member -> member.vni() == vni && member.host() == host)
                .map(member -> new LocalEndpoint(new EndpointId(vni, member.name()), member.mac(), addresses(member),
                        new Attachment.NetworkNamespace(member.container(), member.interfaceName()))).toList();
        List<RemoteEndpoint> remotes = members.stream().filter(member -> member.vni() == vni && member.host() != host)
                .map(member -> new RemoteEndpoint(new EndpointId(vni, member.name()), member.mac(), addresses(member),
                        InetAddress.ofLiteral(vtep(member.host())))).toList();
        return new NetworkState("net" + vni, vni, mtu(vni), NetworkState.gatewayMacOf(vni),
                List.of(new SubnetState(Cidr.parse("10." + subnet(vni) + ".0.0/24"), InetAddress.ofLiteral("10." + subnet(vni) + ".0.1")),
                        new SubnetState(Cidr.parse("fd" + subnet(vni) + "::/64"), InetAddress.ofLiteral("fd" + subnet(vni) + "::1"))),
                locals, remotes, vni == APART ? List.of() : services, cipher(vni))
                .withPolicies(vni == APART ? List.of() : policies);
    }

    private static int subnet(int vni) {
        return vni == APART ? APART : 77;
    }

    private static List<InetAddress> addresses(Member member) {
        return List.of(InetAddress.ofLiteral(member.ipv4()), InetAddress.ofLiteral(member.ipv6()));
    }

    /** What iproute2 makes at host 2, in the place of a data path. */
    public HandMadeVxlan handMade() {
        return handMade;
    }

    boolean isIpv6() {
        return ipv6;
    }

    /** That an encrypted network has. */
    Optional<Cipher> cipher(int vni) {
        return Optional.ofNullable(encrypted.get(vni));
    }

    /** Of an encrypted network. */
    PairKeys keys(int vni) {
        return keys.get(encrypted.get(vni));
    }

    @Override
    public void close() {
        try {
            open.forEach(DataPath::close);
        } finally {
            namespaces.reversed().forEach(namespace -> Shell.words("ip netns del " + namespace));
        }
    }
}
