package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointMode;
import dev.weft.api.LoadBalancing;
import dev.weft.api.MacAddress;
import dev.weft.api.NodeRole;
import dev.weft.api.PolicyRule;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.keys.PeerShare;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StateCompilerTest {

    private static final NodeRecord SELF = node("self", "192.0.2.1");
    private static final NodeRecord PEER = node("peer", "192.0.2.2");
    private static final NodeRecord DEAD = node("dead", "192.0.2.3");
    private static final NetworkRecord BLUE = new NetworkRecord("blue", 77, 1450,
            List.of(new SubnetRecord(Cidr.parse("10.0.1.0/24"), ip("10.0.1.1"), Cidr.parse("10.0.1.0/24"))), true);

    private static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }

    private static NodeRecord node(String id, String vtep) {
        return new NodeRecord(id, id, NodeRole.WORKER, ip(vtep), ip(vtep), DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
    }

    private static EndpointRecord endpoint(String name, NodeRecord node, int number) {
        return endpoint(name, node, number, new Attachment.InProcess());
    }

    private static EndpointRecord endpoint(String name, NodeRecord node, int number, Attachment attachment) {
        return new EndpointRecord("blue", name, node.id(), new MacAddress(0x0200_0000_0000L | number),
                List.of(ip("10.0.1." + number), ip("fd00::" + number)), List.of(), attachment);
    }

    private static ClusterView view(NetworkView... networks) {
        return new ClusterView(Stream.of(SELF, PEER, DEAD).collect(Collectors.toMap(NodeRecord::id, Function.identity())),
                Set.of("peer"), List.of(networks));
    }

    private static NodeRecord kernelNode(String id, String vtep, boolean espInUdp) {
        return new NodeRecord(id, id, NodeRole.WORKER, ip(vtep), ip(vtep), DataPathKind.KERNEL, ControlPorts.DEFAULT, false, espInUdp);
    }

    private static Set<PeerShare> shares(NodeRecord self, NodeRecord peer, NetworkView... networks) {
        StateCompiler compiler = new StateCompiler("self");
        compiler.compile(new ClusterView(Map.of("self", self, "peer", peer, "dead", DEAD), Set.of("peer"), List.of(networks)), 1);
        return Set.copyOf(compiler.shares(self));
    }

    private static NetworkView encrypted(String name, int vni, Cipher cipher, EndpointRecord... endpoints) {
        return new NetworkView(new NetworkRecord(name, vni, 1408, BLUE.subnets(), true, Optional.of(cipher)), List.of(endpoints), List.of());
    }

    @Test
    void shouldShareEachCipherOnceWithEveryNodeOfAnEncryptedNetworkLiveOrNot() {
        NodeRecord self = kernelNode("self", "192.0.2.1", false);
        NodeRecord peer = kernelNode("peer", "192.0.2.2", false);
        EndpointRecord[] all = {endpoint("a", SELF, 2), endpoint("b", PEER, 3), endpoint("c", DEAD, 4), endpoint("d", PEER, 5)};
        assertEquals(Set.of(new PeerShare("peer", Cipher.AES_128_GCM, ip("192.0.2.2"), false),
                new PeerShare("dead", Cipher.AES_128_GCM, ip("192.0.2.3"), true),
                new PeerShare("peer", Cipher.AES_256_GCM, ip("192.0.2.2"), false)), shares(self, peer, encrypted("red", 1, Cipher.AES_128_GCM, all),
                encrypted("green", 2, Cipher.AES_128_GCM, all),
                encrypted("grey", 3, Cipher.AES_256_GCM, endpoint("a", SELF, 2), endpoint("b", PEER, 3))));
    }

    @Test
    void shouldShareNothingInClearNorWhereItHasNoEndpoint() {
        NodeRecord self = kernelNode("self", "192.0.2.1", false);
        assertEquals(Set.of(), shares(self, PEER, new NetworkView(BLUE, List.of(endpoint("a", SELF, 2), endpoint("b", PEER, 3)), List.of()),
                encrypted("red", 1, Cipher.AES_128_GCM, endpoint("b", PEER, 3)), encrypted("lone", 2, Cipher.AES_128_GCM, endpoint("a", SELF, 2))));
    }

    @Test
    void shouldShareWithTheLiveOneOfTwoNodesThatHadOneVtep() {
        NodeRecord self = kernelNode("self", "192.0.2.1", false);
        NetworkView red = encrypted("red", 1, Cipher.AES_128_GCM, endpoint("a", SELF, 2), endpoint("b", PEER, 3), endpoint("c", DEAD, 4));
        for (String vtep : List.of("192.0.2.3", "192.0.2.1")) {
            assertEquals(vtep.endsWith("3") ? Set.of("peer") : Set.of("dead"), shares(self, kernelNode("peer", vtep, false), red).stream()
                    .map(PeerShare::node).collect(Collectors.toSet()), "the other node is at " + vtep);
        }
    }

    /** One of them lies, and would read what is sealed for the other. */
    @Test
    void shouldShareWithNeitherOfTwoLiveNodesThatClaimOneVtepWhateverNetworksTheyHave() {
        NodeRecord self = kernelNode("self", "192.0.2.1", false);
        NetworkView red = encrypted("red", 1, Cipher.AES_128_GCM, endpoint("a", SELF, 2), endpoint("b", PEER, 3), endpoint("c", DEAD, 4));
        for (String liar : List.of("aaaa", "zzzz")) {
            StateCompiler compiler = new StateCompiler("self");
            Map<String, NodeRecord> nodes = Map.of("self", self, "peer", PEER, "dead", DEAD, liar, kernelNode(liar, "192.0.2.2", false));
            compiler.compile(new ClusterView(nodes, Set.of("self", "peer", liar), List.of(red)), 1);
            assertEquals(List.of("dead"), compiler.shares(self).stream().map(PeerShare::node).toList(), liar);
            compiler.compile(new ClusterView(nodes, Set.of("self", "peer"), List.of(red)), 2);
            assertEquals(Set.of("dead", "peer"), compiler.shares(self).stream().map(PeerShare::node).collect(Collectors.toSet()), liar + " is gone");
        }
    }

    @Test
    void shouldPutEspInUdpWhenEitherSideNeedsIt() {
        NodeRecord plain = kernelNode("self", "192.0.2.1", false);
        NodeRecord wrapped = kernelNode("self", "192.0.2.1", true);
        NetworkView red = encrypted("red", 1, Cipher.AES_128_GCM, endpoint("a", SELF, 2), endpoint("b", PEER, 3));
        assertEquals(List.of(false, true, true, true), Stream.of(shares(plain, kernelNode("peer", "192.0.2.2", false), red),
                shares(wrapped, kernelNode("peer", "192.0.2.2", false), red), shares(plain, kernelNode("peer", "192.0.2.2", true), red),
                shares(plain, PEER, red)).map(found -> found.iterator().next().udp()).toList());
        assertEquals(Optional.of(Cipher.AES_128_GCM), compiled(view(red), 1).networks().getFirst().encryption());
    }

    private static DataPathState compiled(ClusterView view, long epoch) {
        return new StateCompiler("self").compile(view, epoch);
    }

    private static NetworkState blue(List<ServiceRecord> services, EndpointRecord... endpoints) {
        return compiled(view(new NetworkView(BLUE, List.of(endpoints), services)), 1).networks().getFirst();
    }

    @Test
    void shouldSplitEndpointsIntoLocalAndRemoteOnes() {
        NetworkState state = blue(List.of(), endpoint("a", SELF, 2), endpoint("b", PEER, 3));

        assertEquals(new NetworkState("blue", 77, 1450, MacAddress.parse("02:57:45:00:00:4d"),
                List.of(new SubnetState(Cidr.parse("10.0.1.0/24"), ip("10.0.1.1"))),
                List.of(new LocalEndpoint(new EndpointId(77, "a"), MacAddress.parse("02:00:00:00:00:02"),
                        List.of(ip("10.0.1.2"), ip("fd00::2")), new Attachment.InProcess())),
                List.of(new RemoteEndpoint(new EndpointId(77, "b"), MacAddress.parse("02:00:00:00:00:03"),
                        List.of(ip("10.0.1.3"), ip("fd00::3")), ip("192.0.2.2"))),
                List.of()), state);
    }

    @Test
    void shouldKeepItsOwnEndpointsWhenItsSessionIsOver() {
        assertEquals(Set.of("peer"), view().live());
        assertEquals(1, blue(List.of(), endpoint("a", SELF, 2)).locals().size());
    }

    @Test
    void shouldLeaveOutEndpointsOfDeadAndOfUnknownNodes() {
        NetworkState state = blue(List.of(), endpoint("a", SELF, 2), endpoint("b", DEAD, 3), endpoint("c", node("gone", "192.0.2.9"), 4));
        assertTrue(state.remotes().isEmpty());
    }

    @Test
    void shouldSendToAnExternalMemberWhoeverToldOfIt() {
        Attachment external = new Attachment.External(ip("198.51.100.1"));
        NetworkState state = blue(List.of(), endpoint("a", SELF, 2), endpoint("mine", SELF, 3, external), endpoint("theirs", DEAD, 4, external));
        assertEquals(List.of("mine", "theirs"), state.remotes().stream().map(remote -> remote.id().name()).toList());
        assertEquals(List.of(ip("198.51.100.1")), state.remotes().stream().map(RemoteEndpoint::vtep).distinct().toList());
    }

    @Test
    void shouldHaveOnlyNetworksInWhichItCarriesAnEndpoint() {
        NetworkRecord red = new NetworkRecord("red", 78, 1450, BLUE.subnets(), true);
        ClusterView view = view(
                new NetworkView(BLUE, List.of(endpoint("b", PEER, 3), endpoint("x", SELF, 4, new Attachment.External(ip("198.51.100.1")))),
                List.of()), new NetworkView(red, List.of(endpoint("a", SELF, 2)), List.of()));
        assertEquals(List.of("red"), compiled(view, 1).networks().stream().map(NetworkState::name).toList());
    }

    @Test
    void shouldServeFromTheBackendsThatAreThereInTheOrderOfTheService() {
        ServiceRecord web = new ServiceRecord("blue", "web", EndpointMode.VIP, Balancing.EVEN, List.of(ip("10.0.1.80"), ip("fd00::80")),
                List.of("w4", "w2", "w9", "w3"));
        NetworkState state = blue(List.of(web), endpoint("w2", SELF, 2), endpoint("w3", DEAD, 3), endpoint("w4", PEER, 4));
        assertEquals(List.of(
                new ServiceState("web", ip("10.0.1.80"), List.of(ip("10.0.1.4"), ip("10.0.1.2"))),
                new ServiceState("web", ip("fd00::80"), List.of(ip("fd00::4"), ip("fd00::2")))), state.services());
    }

    @Test
    void shouldLetTheBackendsOfADrainedNodeKeepTheirFlowsAndGetNoNewOnes() {
        ServiceRecord web = new ServiceRecord("blue", "web", EndpointMode.VIP, new Balancing(LoadBalancing.ROUND_ROBIN, false, Map.of("w4", 7)),
                List.of(ip("10.0.1.80")), List.of("w4", "w2"));
        NetworkView part = new NetworkView(BLUE, List.of(endpoint("w2", SELF, 2), endpoint("w4", PEER, 4)), List.of(web));
        ClusterView before = view(part);
        StateCompiler compiler = new StateCompiler(SELF.id());
        compiler.compile(before, 1);
        Map<String, NodeRecord> nodes = new java.util.HashMap<>(before.nodes());
        nodes.computeIfPresent(PEER.id(), (id, peer) -> peer.withDrained(true));
        NetworkState state = compiler.compile(new ClusterView(nodes, before.live(), before.networks()), 2).networks().getFirst();
        assertEquals(List.of(new ServiceState("web", ip("10.0.1.80"), List.of(ip("10.0.1.2")), List.of(ip("10.0.1.4")),
                new Spread(LoadBalancing.ROUND_ROBIN, false, List.of(1)))), state.services());
        assertEquals(1, state.remotes().size(), "it is still reached");
    }

    @Test
    void shouldKeepAServiceWithoutABackend() {
        ServiceRecord web = new ServiceRecord("blue", "web", EndpointMode.VIP, Balancing.EVEN, List.of(ip("10.0.1.80")), List.of("w3"));
        assertEquals(List.of(new ServiceState("web", ip("10.0.1.80"), List.of())), blue(List.of(web), endpoint("a", SELF, 2)).services());
    }

    @Test
    void shouldGiveTheSameStateForTheSameView() {
        ClusterView view = view(new NetworkView(BLUE, List.of(endpoint("a", SELF, 2), endpoint("b", PEER, 3)), List.of()));
        assertEquals(compiled(view, 5), compiled(view, 5));
        assertEquals(new DataPathState(9, List.of()), compiled(new ClusterView(Map.of(), Set.of(), List.of()), 9));
    }

    @Test
    void shouldGiveEachLiveBackendItsWeightInEachFamily() {
        ServiceRecord web = new ServiceRecord("blue", "web", EndpointMode.VIP, new Balancing(LoadBalancing.MAGLEV, true, Map.of("w2", 7)),
                List.of(ip("10.0.1.80")), List.of("w4", "w9", "w2"));
        assertEquals(List.of(new ServiceState("web", ip("10.0.1.80"), List.of(ip("10.0.1.4"), ip("10.0.1.2")),
                new Spread(LoadBalancing.MAGLEV, true, List.of(1, 7)))),
                blue(List.of(web), endpoint("w2", SELF, 2), endpoint("w4", PEER, 4)).services());
    }

    @Test
    void shouldNameTheAddressesThatRulesAreAboutInTheOrderInWhichTheyDecide() {
        EndpointRecord web = endpoint("w", PEER, 4);
        EndpointRecord labelled = new EndpointRecord(web.network(), web.name(), web.node(), web.mac(), web.addresses(), web.aliases(),
                web.attachment(), web.health(), web.check(), web.publication(), Map.of("app", "web"));
        PolicyRule deny = PolicyRule.deny("a-last").to("db").build();
        PolicyRule allow = PolicyRule.allow("z-first").from("app=web").to("db").order(1).build();
        PolicyRule same = PolicyRule.allow("a-first").order(100).build();
        StateCompiler compiler = new StateCompiler(SELF.id());
        NetworkView without = new NetworkView(BLUE, List.of(endpoint("db", SELF, 2)), List.of());
        assertEquals(List.of(), compiler.compile(view(without), 1).networks().getFirst().policies());
        NetworkView with = new NetworkView(BLUE, Members.of(List.of(endpoint("db", SELF, 2), labelled)), Members.none(),
                Members.of(List.of(new PolicyRecord("blue", deny), new PolicyRecord("blue", allow), new PolicyRecord("blue", same))));
        Optional<Set<InetAddress>> db = Optional.of(Set.copyOf(endpoint("db", SELF, 2).addresses()));
        assertEquals(List.of(new PolicyState(allow, Optional.of(Set.copyOf(web.addresses())), db), new PolicyState(deny, Optional.empty(), db),
                new PolicyState(same, Optional.empty(), Optional.empty())), compiler.compile(view(with), 2).networks().getFirst().policies());
    }
}
