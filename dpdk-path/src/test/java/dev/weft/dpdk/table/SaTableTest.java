package dev.weft.dpdk.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.esp.SecurityAssociations;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SaTableTest {

    private static final int SHORT = SaTable.number(Cipher.AES_128_GCM);
    private static final int LONG = SaTable.number(Cipher.AES_256_GCM);

    private final TableEditor editor = new TableEditor();
    private final List<InstalledPeer> peers = new SecurityAssociations(GcmEngines.open("sunjce"), 1).install(List.of(
            peer(2, Cipher.AES_128_GCM, false), peer(2, Cipher.AES_256_GCM, false), peer(3, Cipher.AES_128_GCM, true)));

    private static InetAddress vtep(int node) {
        return InetAddress.ofLiteral("192.0.2." + node);
    }

    private static PeerSecurity peer(int node, Cipher cipher, boolean udp) {
        return new PeerSecurity(vtep(node), cipher, udp, List.of(sa(0x1000 * node + cipher.ordinal(), cipher)),
                Optional.of(sa(0xf000_0000 + node, cipher)));
    }

    private static SecurityAssociation sa(int spi, Cipher cipher) {
        return new SecurityAssociation(spi, new SaKey(cipher, new byte[cipher.keyBytes() + 4]));
    }

    private Tables tables(Optional<Cipher> encryption, int... nodes) {
        List<RemoteEndpoint> remotes = IntStream.of(nodes)
                .mapToObj(node -> new RemoteEndpoint(new EndpointId(77, "e" + node), new MacAddress(0x0200_0000_0000L | node), List.of(), vtep(node)))
                .toList();
        return editor.apply(new DataPathState(1, List.of(new NetworkState("blue", 77, 1416, NetworkState.gatewayMacOf(77), List.of(), List.of(),
                remotes, List.of(), encryption))), _ -> Tables.NONE, Set.of(), peers);
    }

    private static int index(Tables tables, int node) {
        return tables.vtep(AddressBits.high(vtep(node)), AddressBits.low(vtep(node)));
    }

    @Test
    void shouldFindWhatToSealWithByPeerAndCipher() {
        Tables tables = tables(Optional.of(Cipher.AES_128_GCM), 2, 3);
        SaTable found = tables.associations();
        assertEquals(SHORT, tables.cipher(tables.network(77)));
        for (int cipher : new int[] {SHORT, LONG}) {
            assertEquals(0xf000_0002, found.outboundSa(found.outbound(index(tables, 2), cipher)).spi());
        }
        assertEquals(0xf000_0003, found.outboundSa(found.outbound(index(tables, 3), SHORT)).spi());
        assertEquals(Tables.NONE, found.outbound(index(tables, 3), LONG));
        assertEquals(Tables.NONE, found.outbound(Tables.NONE, LONG));
        assertTrue(found.isInUdp(found.outbound(index(tables, 3), SHORT)));
        assertTrue(!found.isInUdp(found.outbound(index(tables, 2), SHORT)));
    }

    @Test
    void shouldFindWhatToOpenWithBySpiAndSayWhoseItIs() {
        Tables tables = tables(Optional.of(Cipher.AES_128_GCM), 2, 3);
        SaTable found = tables.associations();
        assertEquals(Tables.NONE, found.inbound(0x4000));
        int index = found.inbound(0x2001);
        assertEquals(0x2001, found.inboundSa(index).spi());
        assertEquals(LONG, found.inboundCipher(index));
        assertEquals(index(tables, 2), found.inboundVtep(index));
        assertEquals(index(tables, 3), found.inboundVtep(found.inbound(0x3000)));
    }

    @Test
    void shouldKnowPeersAnewWhenEndpointsComeAndGo() {
        Tables alone = tables(Optional.empty(), 2);
        assertEquals(SaTable.CLEAR, alone.cipher(alone.network(77)));
        assertEquals(Tables.NONE, alone.associations().inboundVtep(alone.associations().inbound(0x3000)));
        assertSame(alone.associations(), tables(Optional.of(Cipher.AES_256_GCM), 2).associations());
        Tables both = tables(Optional.of(Cipher.AES_256_GCM), 2, 3);
        assertNotSame(alone.associations(), both.associations());
        assertEquals(LONG, both.cipher(both.network(77)));
        assertEquals(index(both, 3), both.associations().inboundVtep(both.associations().inbound(0x3000)));
        Tables other = tables(Optional.of(Cipher.AES_256_GCM), 3);
        assertEquals(Tables.NONE, other.associations().inboundVtep(other.associations().inbound(0x2000)));
        assertEquals(index(other, 3), other.associations().inboundVtep(other.associations().inbound(0x3000)));
    }
}
