package dev.weft.kernel.xfrm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.ffm.xfrm.Policy;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EspPoliciesTest {

    private static final InetAddress OWN = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress PEER = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.3");
    private static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");

    private final RequestIds ids = new RequestIds("nodeone1");
    private final EspPolicies policies = new EspPolicies(new DataPathConfig("nodeone1", OWN, 4789, Optional.empty(), Optional.empty(),
            PipelineSpec.DEFAULT), ids, null);

    @Test
    void shouldHaveNoneWhenNothingIsEncrypted() {
        assertEquals(Set.of(), wanted(network(1, Optional.empty(), PEER)));
    }

    @Test
    void shouldBlockWhatNoPeerOfAnEncryptedNetworkGets() {
        Set<Policy> wanted = wanted(network(1, Optional.of(Cipher.AES_128_GCM), PEER));
        assertEquals(Set.of("OUT 192.0.2.1:4128 > 0.0.0.0 BLOCK", "OUT 192.0.2.1:4256 > 0.0.0.0 BLOCK", "OUT 192.0.2.1:4128 > 192.0.2.2 ESP",
                "IN 0.0.0.0:0 > 0.0.0.0 ESP"), texts(wanted));
        assertTrue(priority(wanted, PEER) < priority(wanted, ANY), "the peer's own policy goes before the one for all");
    }

    @Test
    void shouldAskForAnSaOfThatPeerAndCipher() {
        Set<Policy> wanted = wanted(network(1, Optional.of(Cipher.AES_128_GCM), PEER, OTHER), network(2, Optional.of(Cipher.AES_256_GCM), PEER));
        List<Integer> reqids = wanted.stream().filter(policy -> policy.direction() == Policy.Direction.OUT && policy.action() == Policy.Action.ESP)
                .map(Policy::reqid).toList();
        assertEquals(Set.of(ids.of(PEER, Cipher.AES_128_GCM), ids.of(OTHER, Cipher.AES_128_GCM), ids.of(PEER, Cipher.AES_256_GCM)),
                Set.copyOf(reqids));
        assertEquals(3, reqids.size());
        assertTrue(reqids.stream().allMatch(ids::isOwn));
    }

    @Test
    void shouldTakeClearTextFromPeersOfClearNetworksOnly() {
        Set<Policy> wanted = wanted(network(1, Optional.of(Cipher.AES_128_GCM), PEER), network(2, Optional.empty(), OTHER));
        assertEquals(Set.of("IN 192.0.2.3:0 > 0.0.0.0 ALLOW", "IN 0.0.0.0:0 > 0.0.0.0 ESP"),
                texts(wanted).stream().filter(text -> text.startsWith("IN")).collect(Collectors.toSet()));
    }

    private Set<Policy> wanted(NetworkState... networks) {
        DataPathState state = new DataPathState(1, List.of(networks));
        ids.reconcile(state);
        return policies.wanted(state);
    }

    private static int priority(Set<Policy> policies, InetAddress to) {
        return policies.stream().filter(policy -> policy.direction() == Policy.Direction.OUT && policy.destination().equals(to))
                .mapToInt(Policy::priority).findFirst().orElseThrow();
    }

    private static Set<String> texts(Set<Policy> policies) {
        return policies.stream().map(policy -> policy.direction() + " " + policy.source().getHostAddress() + ":" + policy.sourcePort() + " > "
                + policy.destination().getHostAddress() + " " + policy.action()).collect(Collectors.toSet());
    }

    private static NetworkState network(int vni, Optional<Cipher> encryption, InetAddress... vteps) {
        List<RemoteEndpoint> remotes = Stream.of(vteps).map(vtep -> new RemoteEndpoint(new EndpointId(vni, "at-" + vtep.getHostAddress()),
                new MacAddress(vni), List.of(), vtep)).toList();
        return new NetworkState("net" + vni, vni, 1400, NetworkState.gatewayMacOf(vni), List.of(), List.of(), remotes, List.of(), encryption);
    }
}
