package dev.weft.mesh.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.Cidr;
import dev.weft.api.EndpointMode;
import dev.weft.api.MacAddress;
import dev.weft.api.Publication;
import dev.weft.api.PublishedPort;
import dev.weft.api.path.PublishedState;
import dev.weft.mesh.cluster.IngressNames;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IngressPlanTest {

    private static final String SELF = "1111222233334444";
    private static final String OTHER = "5555666677778888";
    private static final NetworkRecord INGRESS = new NetworkRecord("ingress", 4095, 1450, List.of(new SubnetRecord(Cidr.parse("172.16.0.0/20"),
            ip("172.16.0.1"), Cidr.parse("172.16.0.0/20"))), false, Optional.empty(), true, true);
    private static final Publication PORTS = new Publication(List.of(PublishedPort.parse("8080:80")), false);
    private static final ServiceRecord WEB = new ServiceRecord("ingress", "blue~web", EndpointMode.VIP, Balancing.EVEN, List.of(ip("172.16.0.9")),
            List.of(IngressNames.of("blue", "web1"), IngressNames.of("blue", "web2")), PORTS);

    private static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }

    private static EndpointRecord endpoint(String network, String name, String node, String address, Attachment attachment) {
        return new EndpointRecord(network, name, node, new MacAddress(0x0242_0000_0000L + ip(address).hashCode() % 1000), List.of(ip(address)),
                List.of(), attachment);
    }

    private static EndpointRecord own(String name) {
        return endpoint("blue", name, SELF, "10.0.1.2", new Attachment.NetworkNamespace("ns-" + name, "eth0"));
    }

    private static IngressPlan plan(List<EndpointRecord> members, List<EndpointRecord> own) {
        return plan(new NetworkView(INGRESS, members, List.of(WEB)), own, Set.of(SELF, OTHER));
    }

    private static IngressPlan plan(NetworkView ingress, List<EndpointRecord> own, Set<String> live) {
        return IngressPlan.of(new ClusterView(Map.of(), live, List.of(ingress)), ingress, own, SELF, true);
    }

    @Test
    void shouldWantNothingWhileNothingIsPublished() {
        assertEquals(IngressPlan.NONE, plan(new NetworkView(INGRESS, List.of(), List.of()), List.of(own("web1")), Set.of()));
    }

    @Test
    void shouldAttachAGatewayAndOneMemberForEachOwnBackend() {
        EndpointRecord inProcess = endpoint("blue", "web2", SELF, "10.0.1.3", new Attachment.InProcess());

        IngressPlan plan = plan(List.of(), List.of(own("web1"), own("unrelated"), inProcess));

        String gateway = "gateway-" + SELF;
        String member = IngressNames.of("blue", "web1");
        assertEquals(Set.of(gateway, member), plan.members().keySet());
        assertEquals(new Attachment.HostInterface("wg11112222"), plan.members().get(gateway).attachment());
        assertEquals(new Attachment.NetworkNamespace("ns-web1", "wi" + IngressNames.digest("blue", "web1")), plan.members().get(member).attachment());
        assertEquals(own("web1"), plan.origins().get(member));
        assertEquals(new PublishedState(Optional.empty(), List.of(new PublishedState.Service("blue~web", WEB.vips(), List.of(), List.of(), PORTS)),
                List.of()), plan.state(), "nothing answers before the gateway is there");
    }

    @Test
    void shouldAttachMembersInThisProcessForWhatIsAskedByUdpAlone() {
        EndpointRecord inProcess = endpoint("blue", "web2", SELF, "10.0.1.3", new Attachment.InProcess());
        String member = IngressNames.of("blue", "web2");
        ServiceRecord names = new ServiceRecord("ingress", "blue~names", EndpointMode.VIP, Balancing.EVEN, List.of(ip("172.16.0.8")), List.of(member),
                new Publication(List.of(PublishedPort.parse("53:53/udp")), false));
        List<EndpointRecord> attached = List.of(endpoint("ingress", member, SELF, "172.16.0.4", new Attachment.InProcess()));

        IngressPlan plan = plan(new NetworkView(INGRESS, attached, List.of(names)), List.of(inProcess), Set.of(SELF));
        assertEquals(new Attachment.InProcess(), plan.members().get(member).attachment());
        assertEquals(Map.of(member, inProcess), plan.origins());
        assertEquals(List.of(), plan.state().backends(), "nothing of it is the kernel's");
        assertEquals(List.of(ip("172.16.0.4")), plan.state().services().getFirst().local());

        assertEquals(Map.of(), plan(new NetworkView(INGRESS, List.of(), List.of(names, WEB)), List.of(inProcess), Set.of(SELF)).origins(),
                "the other's connections would end in silence");
    }

    @Test
    void shouldAttachNoGatewayWherePortsCannotAnswer() {
        IngressPlan plan = IngressPlan.of(new ClusterView(Map.of(), Set.of(SELF), List.of()), new NetworkView(INGRESS, List.of(), List.of(WEB)),
                List.of(own("web1")), SELF, false);
        assertEquals(Set.of(IngressNames.of("blue", "web1")), plan.members().keySet());
    }

    @Test
    void shouldPublishWithWhatHasBeenAttached() {
        String here = IngressNames.of("blue", "web1");
        List<EndpointRecord> members = List.of(
                endpoint("ingress", "gateway-" + SELF, SELF, "172.16.0.2", new Attachment.HostInterface("wg11112222")),
                endpoint("ingress", "gateway-" + OTHER, OTHER, "172.16.0.3", new Attachment.HostInterface("wg55556666")),
                endpoint("ingress", here, SELF, "172.16.0.4", new Attachment.NetworkNamespace("ns-web1", "wi1")),
                endpoint("ingress", IngressNames.of("blue", "web2"), OTHER, "172.16.0.5", new Attachment.NetworkNamespace("ns-web2", "wi2")));

        PublishedState state = plan(members, List.of(own("web1"))).state();
        PublishedState alone = plan(new NetworkView(INGRESS, members, List.of(WEB)), List.of(own("web1")), Set.of()).state();

        assertEquals(Optional.of(new PublishedState.Gateway("wg11112222", List.of(ip("172.16.0.2")))), state.gateway());
        assertEquals(List.of(ip("172.16.0.4")), state.services().getFirst().local(), "for mode host: only what is here");
        assertEquals(List.of(ip("172.16.0.4"), ip("172.16.0.5")), state.services().getFirst().backends(), "for SCTP: all");
        assertEquals(List.of(ip("172.16.0.4")), alone.services().getFirst().backends(), "but those of dead nodes");
        assertEquals(List.of(new PublishedState.Backend("ns-web1", "wi1", List.of(ip("172.16.0.4")), List.of(ip("172.16.0.1")))), state.backends());
    }

    @Test
    void shouldGiveMembersNamesThatEndpointsMayHaveAndThatDiffer() {
        String longest = "n".repeat(63);
        assertEquals(63, IngressNames.of(longest, longest).length());
        assertTrue(!IngressNames.of("b.c", "a").equals(IngressNames.of("c", "a.b")));
    }
}
