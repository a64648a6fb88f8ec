package dev.weft.mesh.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointMode;
import dev.weft.api.MacAddress;
import dev.weft.api.NodeRole;
import dev.weft.mesh.model.RecordCodec.UnreadableRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {

    private static EndpointRecord endpoint(Attachment attachment) {
        return new EndpointRecord("blue", "web1", "n1", MacAddress.parse("02:00:00:00:00:01"),
                List.of(Cidr.parseAddress("10.0.1.2"), Cidr.parseAddress("fd00:1::2")), List.of("www"), attachment);
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
                endpoint(new Attachment.NetworkNamespace("/proc/1/ns/net", "eth0")),
                endpoint(new Attachment.External(Cidr.parseAddress("192.0.2.1"))),
                new NodeRecord("n1", "one", NodeRole.MANAGER, Cidr.parseAddress("::1"), Cidr.parseAddress("127.0.0.1"), DataPathKind.SOCKET, ControlPorts.DEFAULT, true),
                new NetworkRecord("blue", 4096, 1450, List.of(new SubnetRecord(Cidr.parse("10.0.1.0/24"), Cidr.parseAddress("10.0.1.1"),
                        Cidr.parse("10.0.1.128/25"))), true),
                new NetworkRecord("red", 4097, 1408, List.of(), true, Optional.of(Cipher.AES_256_GCM)),
                new ServiceRecord("blue", "web", EndpointMode.VIP, List.of(Cidr.parseAddress("10.0.1.9")), List.of("web1", "web2")),
                new ClusterRecord("c1"), new AllocationRecord(4097));
        for (Record each : records) {
            assertEquals(each, RecordCodec.decode(RecordCodec.encode(each), each.getClass()));
        }
    }

    /** Else an encrypted network would be taken for one in clear. */
    @Test
    void shouldNotReadANetworkThatDoesNotSayHowItIsEncrypted() {
        String record = "{\"format\":1,\"name\":\"blue\",\"vni\":1,\"mtu\":1450,\"subnets\":[],\"attachable\":true%s}";
        assertEquals(Optional.of(Cipher.AES_128_GCM), decode(record.formatted(",\"encryption\":\"AES_128_GCM\""), NetworkRecord.class).encryption());
        assertThrows(RecordCodec.UnreadableRecord.class, () -> decode(record.formatted(""), NetworkRecord.class));
        assertThrows(RecordCodec.UnreadableRecord.class, () -> decode(record.formatted(",\"encryption\":\"ROT13\""), NetworkRecord.class));
    }

    @Test
    void shouldIgnoreFieldsOfLaterVersions() {
        assertEquals(new ClusterRecord("c1"), decode("{\"format\":1,\"id\":\"c1\",\"colour\":{\"deep\":[1]}}", ClusterRecord.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "7", "{\"id\":\"c1\"}", "{\"format\":2,\"id\":\"c1\"}", "{\"format\":1}",
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
}
