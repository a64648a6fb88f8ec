package dev.weft.mesh.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointMode;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.LoadBalancing;
import dev.weft.api.MacAddress;
import dev.weft.api.NodeRole;
import dev.weft.api.PolicyRule;
import dev.weft.api.Publication;
import dev.weft.api.PublishedPort;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.mesh.enrol.AttachRequest;
import dev.weft.mesh.model.RecordCodec.UnreadableRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {

    private static EndpointRecord endpoint(Attachment attachment) {
        return new EndpointRecord("blue", "web1", "n1", MacAddress.parse("02:00:00:00:00:01"),
                List.of(Cidr.parseAddress("10.0.1.2"), Cidr.parseAddress("fd00:1::2")), List.of("www"), attachment);
    }

    private static EndpointRecord checked(HealthCheck.Probe probe) {
        EndpointRecord plain = endpoint(new Attachment.NetworkNamespace("ns1", "eth0"));
        return new EndpointRecord(plain.network(), plain.name(), plain.node(), plain.mac(), plain.addresses(), plain.aliases(), plain.attachment(),
                new HealthStatus(Health.UNHEALTHY, "Connection refused"), Optional.of(HealthCheck.of(probe).withInterval(Duration.ofMillis(1500))),
                Publication.NONE, Map.of("app", "web"));
    }

    private static <T extends Record> T decode(String json, Class<T> type) {
        return RecordCodec.decode(json.getBytes(StandardCharsets.UTF_8), type);
    }

    @Test
    void shouldWriteTheJsonThatOtherVersionsRead() {
        assertEquals("{\"format\":1,\"network\":\"blue\",\"name\":\"web1\",\"node\":\"n1\",\"mac\":\"02:00:00:00:00:01\","
                + "\"addresses\":[\"10.0.1.2\",\"fd00:1:0:0:0:0:0:2\"],\"aliases\":[\"www\"],"
                + "\"attachment\":{\"kind\":\"network-namespace\",\"namespace\":\"ns1\",\"interfaceName\":\"eth0\"}}",
                new String(RecordCodec.encode(endpoint(new Attachment.NetworkNamespace("ns1", "eth0"))), StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadWhatItWrites() {
        List<Record> records = List.of(
                endpoint(new Attachment.InProcess()), endpoint(new Attachment.HostInterface("weft0")),
                endpoint(new Attachment.NetworkNamespace("/proc/1/ns/net", "eth0")), endpoint(new Attachment.NetworkNamespace("web", "eth0", true)),
                new AttachRequest("blue", 7, EndpointSpec.networkNamespace("web", "web", "eth0").build()),
                new AttachRequest("blue", 7, EndpointSpec.networkNamespace("web", "web", "eth0").resolvConf().build()),
                endpoint(new Attachment.External(Cidr.parseAddress("192.0.2.1"))),
                checked(new HealthCheck.Tcp(80)), checked(new HealthCheck.Http(8080, "/healthz", 204)),
                new NodeRecord("n1", "one", NodeRole.MANAGER, Cidr.parseAddress("::1"), Cidr.parseAddress("127.0.0.1"), DataPathKind.SOCKET,
                ControlPorts.DEFAULT, true),
                new NetworkRecord("blue", 4096, 1450, List.of(new SubnetRecord(Cidr.parse("10.0.1.0/24"), Cidr.parseAddress("10.0.1.1"),
                        Cidr.parse("10.0.1.128/25"))), true),
                new NetworkRecord("red", 4097, 1408, List.of(), true, Optional.of(Cipher.AES_256_GCM)).withKeysRotated(),
                new ServiceRecord("blue", "web", EndpointMode.VIP,
                        new Balancing(LoadBalancing.MAGLEV, true, Map.of("web1", 3)), List.of(Cidr.parseAddress("10.0.1.9")),
                        List.of("web1", "web2")),
                new ServiceRecord("blue", "web", EndpointMode.DNSRR, Balancing.EVEN, List.of(), List.of("web1"), new Publication(List.of(
                        PublishedPort.parse("8080-8081:80-81"), PublishedPort.parse("published=1,target=2,protocol=sctp,mode=host,bind=::1")), true)),
                new ClusterRecord("c1"), new AllocationRecord(4097));
        for (Record each : records) {
            assertEquals(each, RecordCodec.decode(RecordCodec.encode(each), each.getClass()));
        }
    }

    /** It goes to a manager with an endpoint that publishes ports; what it calls stays where the endpoint is. */
    @Test
    void shouldTellThatThereIsACallback() {
        HealthCheck check = HealthCheck.of(new HealthCheck.Callback(() -> true)).withRetries(7);
        AttachRequest request = new AttachRequest("blue", 7, EndpointSpec.inProcess("dns").healthCheck(check).publish("53:53/udp").build());
        HealthCheck read = RecordCodec.decode(RecordCodec.encode(request), AttachRequest.class).endpoint().check().orElseThrow();
        assertEquals(7, read.retries());
        assertInstanceOf(HealthCheck.Callback.class, read.probe());
    }

    /** Else an encrypted network would be taken for one in clear. Those of format 1 were all in clear. */
    @Test
    void shouldNotReadANetworkThatDoesNotSayHowItIsEncrypted() {
        String record = "{\"format\":2,\"name\":\"blue\",\"vni\":1,\"mtu\":1450,\"subnets\":[],\"attachable\":true%s}";
        assertEquals(Optional.of(Cipher.AES_128_GCM), decode(record.formatted(",\"encryption\":\"AES_128_GCM\""), NetworkRecord.class).encryption());
        assertThrows(RecordCodec.UnreadableRecord.class, () -> decode(record.formatted(""), NetworkRecord.class));
        assertThrows(RecordCodec.UnreadableRecord.class, () -> decode(record.formatted(",\"encryption\":\"ROT13\""), NetworkRecord.class));
    }

    @Test
    void shouldIgnoreFieldsOfLaterVersions() {
        assertEquals(new ClusterRecord("c1").withStateFormat(StateFormat.FIRST),
                decode("{\"format\":1,\"id\":\"c1\",\"colour\":{\"deep\":[1]}}", ClusterRecord.class));
    }

    /** Else an older manager that drains a newer node, say, would take from its record what it does not know. */
    @Test
    void shouldKeepFieldsOfLaterVersionsInTheRecordThatItReplaces() {
        byte[] before = "{\"format\":1,\"id\":\"c1\",\"stateFormat\":1,\"colour\":{\"deep\":[1]}}".getBytes(StandardCharsets.UTF_8);
        ClusterRecord cluster = RecordCodec.decode(before, ClusterRecord.class).withStateFormat(2);
        String after = new String(RecordCodec.encode(cluster, before), StandardCharsets.UTF_8);
        assertTrue(after.endsWith(",\"colour\":{\"deep\":[1]}}"), after);
        assertEquals(cluster, decode(after, ClusterRecord.class));

        EndpointRecord web = endpoint(new Attachment.InProcess());
        byte[] ill = RecordCodec.encode(web.withHealth(new HealthStatus(Health.UNHEALTHY, "disk full")));
        assertEquals(text(web), new String(RecordCodec.encode(web, ill), StandardCharsets.UTF_8), "what is left out is not taken for unknown");
        assertThrows(UnreadableRecord.class, () -> RecordCodec.encode(web, "{".getBytes(StandardCharsets.UTF_8)));
    }

    /** Bytes as the version before wrote them, before ports, drained nodes, endpoint modes, encryption, reserved addresses and pools. */
    @Test
    void shouldReadWhatOlderVersionsWrote() {
        assertEquals(new ClusterRecord("c1", SubnetPoolSpec.DEFAULT, StateFormat.FIRST), decode("{\"format\":1,\"id\":\"c1\"}", ClusterRecord.class));
        assertEquals(new NodeRecord("n1", "one", NodeRole.MANAGER, Cidr.parseAddress("192.0.2.1"), Cidr.parseAddress("192.0.2.2"),
                DataPathKind.KERNEL, ControlPorts.DEFAULT, false, false, StateFormat.FIRST),
                decode("{\"format\":1,\"id\":\"n1\",\"name\":\"one\",\"role\":\"MANAGER\",\"advertise\":\"192.0.2.1\",\"vtep\":\"192.0.2.2\","
                        + "\"dataPath\":\"KERNEL\",\"hostsStore\":true}", NodeRecord.class));
        assertEquals(new NetworkRecord("blue", 4096, 1450, List.of(new SubnetRecord(Cidr.parse("10.0.1.0/24"), Cidr.parseAddress("10.0.1.1"),
                Cidr.parse("10.0.1.128/25"))), true),
                decode("{\"format\":1,\"name\":\"blue\",\"vni\":4096,\"mtu\":1450,\"subnets\":[{\"cidr\":\"10.0.1.0/24\",\"gateway\":\"10.0.1.1\","
                        + "\"ipRange\":\"10.0.1.128/25\"}],\"attachable\":true}", NetworkRecord.class));
        assertEquals(new ServiceRecord("blue", "web", EndpointMode.VIP, Balancing.EVEN, List.of(Cidr.parseAddress("10.0.1.9")),
                List.of("web1")),
                decode("{\"format\":1,\"network\":\"blue\",\"name\":\"web\",\"vips\":[\"10.0.1.9\"],\"backends\":[\"web1\"]}", ServiceRecord.class));
        assertEquals(endpoint(new Attachment.InProcess()), decode("{\"format\":1,\"network\":\"blue\",\"name\":\"web1\",\"node\":\"n1\","
                + "\"mac\":\"02:00:00:00:00:01\",\"addresses\":[\"10.0.1.2\",\"fd00:1:0:0:0:0:0:2\"],\"aliases\":[\"www\"],"
                + "\"attachment\":{\"kind\":\"in-process\"}}", EndpointRecord.class));
        assertEquals(EndpointSpec.networkNamespace("web1", "ns1", "eth0").build(), decode("{\"format\":1,\"network\":\"blue\",\"vni\":7,"
                + "\"endpoint\":{\"name\":\"web1\",\"attachment\":{\"kind\":\"network-namespace\",\"namespace\":\"ns1\",\"interfaceName\":\"eth0\"},"
                + "\"addresses\":[],\"mac\":null,\"aliases\":[],\"check\":null,\"publication\":{\"ports\":[],\"masquerade\":false},"
                + "\"labels\":{}}}", AttachRequest.class).endpoint());
        assertEquals(new AllocationRecord(4097), decode("{\"format\":1,\"nextVni\":4097}", AllocationRecord.class));
    }

    @Test
    void shouldSayInTheRecordWhatItsReadersHaveToKnow() {
        SubnetRecord plain = new SubnetRecord(Cidr.parse("10.0.1.0/24"), Cidr.parseAddress("10.0.1.1"), Cidr.parse("10.0.1.0/24"));
        SubnetRecord reserved = new SubnetRecord(plain.cidr(), plain.gateway(), plain.ipRange(), List.of(Cidr.parseAddress("10.0.1.7")), false);
        SubnetRecord further = new SubnetRecord(Cidr.parse("10.0.2.0/24"), Cidr.parseAddress("10.0.2.1"), Cidr.parse("10.0.2.0/24")).asExtension();
        NetworkRecord blue = new NetworkRecord("blue", 4096, 1450, List.of(plain), true);
        assertTrue(text(blue).startsWith("{\"format\":1,"), text(blue));
        for (NetworkRecord particular : List.of(blue.withSubnets(List.of(reserved)), blue.withSubnets(List.of(plain, further)),
                new NetworkRecord("blue", 4096, 1450, List.of(plain), true, Optional.of(Cipher.values()[0])))) {
            assertTrue(text(particular).startsWith("{\"format\":2,"), text(particular));
            assertEquals(particular, RecordCodec.decode(RecordCodec.encode(particular), NetworkRecord.class));
        }
    }

    private static String text(Record value) {
        return new String(RecordCodec.encode(value), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "7", "{\"id\":\"c1\"}", "{\"format\":4,\"id\":\"c1\"}", "{\"format\":1}",
        "{\"format\":1,\"id\":null}"})
    void shouldRefuseWhatIsNoRecordOrOfALaterFormat(String json) {
        assertThrows(UnreadableRecord.class, () -> decode(json, ClusterRecord.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"10.0.1\"", "\"host.example\"", "17", "null", "\"\""})
    void shouldRefuseAVtepThatIsNoAddress(String vtep) {
        String json = "{\"format\":1,\"id\":\"n\",\"name\":\"n\",\"role\":\"WORKER\",\"advertise\":\"::1\",\"vtep\":" + vtep
                + ",\"dataPath\":\"SOCKET\",\"drained\":false}";
        assertThrows(UnreadableRecord.class, () -> decode(json, NodeRecord.class));
    }

    @Test
    void shouldWriteRulesInAFormatThatWhoDoesNotKnowThemDoesNotRead() {
        PolicyRecord policy = new PolicyRecord("blue", PolicyRule.deny("no-db").from("app=web").to("db").protocol(PolicyRule.Protocol.TCP)
                .ports(5432, 5433).order(7).build());
        assertEquals(policy, RecordCodec.decode(RecordCodec.encode(policy), PolicyRecord.class));
        assertEquals(StateFormat.POLICIES, StateFormat.of(policy));
    }
}
