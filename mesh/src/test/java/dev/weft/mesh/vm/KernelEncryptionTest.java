package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.Leftovers;
import dev.weft.api.path.NamespaceThreads;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.testing.PairKeys;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel path's IPsec against IPsec that iproute2 has set up, over a wire that is watched. */
@Tag("vm")
class KernelEncryptionTest extends KernelHost {

    @Test
    void shouldSpeakWithIpsecMadeByHandAndShowNothingInClear() throws IOException {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            pingBothWays();
            transferBothWays();
            wire.assertNothingButEsp();
        }
        String states = Shell.words("ip -n " + hosts.host(1) + " xfrm state");
        for (PairKeys.Sa sa : List.of(keys.to(1), keys.to(2))) {
            assertTrue(states.contains("proto esp spi " + sa.spiHex() + " "), states);
            assertTrue(states.contains("aead rfc4106(gcm(aes)) " + sa.keyHex() + " 128"), states);
        }
        assertTrue(states.contains("mode transport") && states.contains("flag esn") && states.contains("replay_window 4096"), states);
        Map<String, Long> losses = KernelLosses.read();
        for (SaUsage usage : path.saUsage()) {
            // numbered by the sender: what its kernel says before this host has the SA, and what the receiving CPU's backlog has no room for
            long lost = usage.outbound() ? 0 : path.counters().dropped(DropReason.UNKNOWN_SPI) + losses.get(hosts.host(1) + " up0: rx-drops");
            assertEquals(usage.sequence() - NEAR_WRAP, usage.packets() + lost, () -> usage + " " + losses);
            assertTrue(usage.sequence() > 1L << 32 && usage.bytes() > 2_000_000, usage.toString());
        }
        assertEquals(2, path.saUsage().size());
        assertEquals(0, path.counters().dropped(DropReason.CLEAR_TEXT) + path.counters().dropped(DropReason.NO_SA));
    }

    @Test
    void shouldEncryptOverIpv6AndWithTheLongKey() throws IOException {
        openWithKeys(true, Cipher.AES_256_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            pingBothWays();
            wire.assertNothingButEsp();
        }
    }

    @Test
    void shouldEncryptInUdp() throws IOException {
        openWithKeys(false, Cipher.AES_128_GCM, true, SaLimit.DEFAULT, NEAR_WRAP);
        try (EspSocket socket = EspSocket.open(hosts.host(2)); Wire wire = Wire.watch(hosts.host(2), directory)) {
            pingBothWays();
            wire.assertNothingButEspInUdp();
        }
    }

    @Test
    void shouldSendNothingWithoutAnSa() throws IOException {
        PairKeys keys = open(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        keys.offer();
        make();
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            assertLost(a.container(), b.ipv4());
            wire.assertNothingFrom(hosts.vtep(1));
        }
        assertTrue(path.counters().dropped(DropReason.NO_SA) >= 3, path.counters().toString());
        keys.switchOver();
        hosts.handMade().states(VNI);
        make();
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
        keys.silence();
        make();
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            assertLost(a.container(), b.ipv4());
            wire.assertNothingFrom(hosts.vtep(1));
        }
    }

    @Test
    void shouldDropAndCountClearTextForAnEncryptedNetworkInAndOut() throws IOException {
        openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        Shell.in(hosts.host(2), "ping", "-q", "-c", "1", "-w", "60", a.ipv4());
        Shell.words("ip -n " + hosts.host(2) + " xfrm policy flush");
        // Not before: the host's kernel solicits routers and reports its groups when it likes, and was encrypted like all until here.
        long before = received();
        assertLost(hosts.host(2), a.ipv4());
        assertTrue(path.counters().dropped(DropReason.CLEAR_TEXT) >= 3, path.counters().toString());
        assertEquals(before, received());
        // Whoever takes the rules away has not opened the network: the policies are still there, in another part of the kernel.
        Shell.in(hosts.host(1), "nft", "flush", "ruleset");
        assertLost(hosts.host(2), a.ipv4());
        assertEquals(before, received());
        make();
        long dropped = path.counters().dropped(DropReason.CLEAR_TEXT);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Shell.tryRun(Shell.inside(hosts.host(1), "python3", "-c", """
                    import socket
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    for i in range(5):
                        try: s.sendto(bytes.fromhex('0800000000004d00') + bytes(60), ('%s', 4789))
                        except PermissionError: pass
                    """.formatted(hosts.vtep(2))));
            // and when the policies are gone, the rules still drop what the network itself would send
            Shell.words("ip -n " + hosts.host(1) + " xfrm policy flush");
            assertLost(a.container(), b.ipv4());
            wire.assertNothingInClearFrom(hosts.vtep(1));
        }
        assertTrue(path.counters().dropped(DropReason.CLEAR_TEXT) + path.counters().dropped(DropReason.NO_SA) >= dropped + 8,
                path.counters().toString());
        make();
        Shell.words("ip -n " + hosts.host(2) + " xfrm policy add dir out src " + hosts.vtep(2) + " dst " + hosts.vtep(1)
                + " proto udp dport 4789 tmpl proto esp reqid 1 mode transport");
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
    }

    private long received() {
        return path.counters().value("uplink:vni-" + VNI, "rx-packets");
    }

    /** The kernel quotes to its sender what no socket takes; of what it has opened, it would do so in clear. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldQuoteNothingOfWhatComesWhileThereIsNoTunnelYetOrAnyMore(boolean ipv6) throws IOException {
        PairKeys keys = open(ipv6, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        keys.offer();
        keys.switchOver();
        hosts.handMade().states(VNI);
        Shell.words("ip -n " + hosts.host(2) + " neigh replace " + a.ipv4() + " lladdr " + a.mac() + " dev vx" + VNI);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Process ping = Shell.startIn(hosts.host(2), "ping", "-q", "-i", "0.01", "-p", Wire.MARK_HEX, a.ipv4());
            make();
            path.close();
            ping.destroy();
            wire.assertNothingButEsp();
        }
    }

    @Test
    void shouldKeepNetworksOfOtherCiphersAndInClearApart() throws IOException {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        TwoHosts.Member clearA = hosts.member("ca", TwoHosts.APART, 1, 20);
        TwoHosts.Member clearB = hosts.handMade().member(TwoHosts.APART, 21);
        make();
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Shell.in(a.container(), "ping", "-q", "-c", "10", "-i", "0.05", "-w", "60", "-p", Wire.MARK_HEX, b.ipv4());
            Shell.in(clearA.container(), "ping", "-q", "-c", "10", "-i", "0.05", "-w", "60", clearB.ipv4());
            Shell.in(hosts.host(2), "ping", "-q", "-c", "10", "-i", "0.05", "-w", "60", clearA.ipv4());
            wire.assertClearVniOnly(TwoHosts.APART);
        }
        // The clear network is told from the encrypted one by its VNI, not by whom it comes from.
        Shell.words("ip -n " + hosts.host(2) + " xfrm policy flush");
        long before = path.counters().dropped(DropReason.CLEAR_TEXT);
        assertLost(hosts.host(2), a.ipv4());
        Shell.in(hosts.host(2), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", clearA.ipv4());
        assertTrue(path.counters().dropped(DropReason.CLEAR_TEXT) >= before + 3, path.counters().toString());
        // Encrypted, but with an SA that is not for that network.
        Shell.words("ip -n " + hosts.host(2) + " xfrm policy add dir out src " + hosts.vtep(2) + " dst " + hosts.vtep(1)
                + " proto udp dport 4789 tmpl proto esp reqid 1 mode transport");
        long inClear = path.counters().dropped(DropReason.CLEAR_TEXT);
        assertLost(hosts.host(2), clearA.ipv4());
        assertTrue(path.counters().dropped(DropReason.CLEAR_TEXT) >= inClear + 3, path.counters().toString());
        assertFalse(keys.udp());
    }

    @Test
    void shouldEncryptTwoNetworksOfTwoCiphersBetweenTheSameHosts() throws IOException {
        openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        PairKeys strong = new PairKeys(Cipher.AES_256_GCM, false, SaLimit.DEFAULT, NEAR_WRAP, SEED + 1);
        strong.offer();
        strong.switchOver();
        hosts.encrypt(TwoHosts.APART, Cipher.AES_256_GCM, strong);
        TwoHosts.Member secondA = hosts.member("sa", TwoHosts.APART, 1, 20);
        TwoHosts.Member secondB = hosts.handMade().member(TwoHosts.APART, 21);
        hosts.handMade().states(TwoHosts.APART);
        make();
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Shell.in(a.container(), "ping", "-q", "-c", "10", "-i", "0.05", "-w", "60", b.ipv4());
            Shell.in(secondA.container(), "ping", "-q", "-c", "10", "-i", "0.05", "-w", "60", secondB.ipv4());
            wire.assertNothingButEsp();
            assertEquals(4, wire.spis().size(), wire.spis().toString());
        }
    }

    @Test
    void shouldReplaceSasWithoutLosingAPacket() {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        long before = answers(a.container());
        Process ping = Shell.startIn(a.container(), "ping", "-q", "-c", "300", "-i", "0.02", b.ipv4());
        int rekeys = 0;
        while (ping.isAlive()) {
            rekey(keys);
            rekeys++;
        }
        assertAllAnswered(a.container(), before, 300, Shell.output(ping));
        assertTrue(rekeys > 1, rekeys + " rekeys");
        assertEquals(2, Shell.words("ip -n " + hosts.host(1) + " xfrm state").lines().filter(line -> line.contains("proto esp")).count());
    }

    private void rekey(PairKeys keys) {
        PairKeys.Sa oldToA = keys.to(1);
        PairKeys.Sa oldToB = keys.to(2);
        keys.offer();
        make();
        hosts.handMade().states(VNI);
        keys.switchOver();
        make();
        hosts.handMade().removeState(1, oldToA);
        keys.retire();
        make();
        hosts.handMade().removeState(2, oldToB);
    }

    /** Both ends have their keys, and the kernel an SA that is nobody's of Weft. */
    private PairKeys keysBesideAnSaOfOthers() {
        PairKeys keys = wire(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        b = hosts.handMade().member(VNI, 11);
        keys.offer();
        keys.switchOver();
        hosts.handMade().states(VNI);
        Shell.words("ip -n " + hosts.host(1) + " xfrm state add src 203.0.113.1 dst 203.0.113.2 proto esp spi 0x300 reqid 3 mode transport"
                + " aead rfc4106(gcm(aes)) 0x0102030405060708090a0b0c0d0e0f1011121314 128");
        return keys;
    }

    @Test
    void shouldSendNothingInClearWhenItsProcessIsKilledAndTakeOverInTheNextOneAndLeaveNothingInTheEnd() throws IOException {
        PairKeys keys = keysBesideAnSaOfOthers();
        String old = keys.to(1).spiHex();
        Process ping;
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            try (DoomedNode node = DoomedNode.start(hosts, a)) {
                pingUntilAnswered();
                ping = Shell.startIn(a.container(), "ping", "-q", "-i", "0.01", "-p", Wire.MARK_HEX, b.ipv4());
            }
            Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4()); // the kernel goes on without the process
            keys.offer();
            keys.retire();
            keys.switchOver();
            path = hosts.open(1, DataPathKind.KERNEL, NODE_ID);
            hosts.handMade().states(VNI);
            make();
            Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
            ping.destroy();
            wire.assertNothingButEsp();
        }
        String states = Shell.words("ip -n " + hosts.host(1) + " xfrm state");
        assertFalse(states.contains(old), states);
        assertTrue(states.contains(keys.to(1).spiHex()), states);
        path.close();
        String left = Shell.words("ip -n " + hosts.host(1) + " xfrm state");
        assertTrue(left.contains("0x00000300") && left.lines().filter(line -> line.contains("proto esp")).count() == 1, left);
        assertEquals("", Shell.words("ip -n " + hosts.host(1) + " xfrm policy"));
        assertEquals("", Shell.in(hosts.host(1), "nft", "list", "ruleset"));
    }

    @Test
    void shouldLeaveNothingOfAKilledNodeThatIsPurged() throws IOException {
        keysBesideAnSaOfOthers();
        try (DoomedNode _ = DoomedNode.start(hosts, a)) {
            pingUntilAnswered();
        }
        Leftovers leftovers = ServiceLoader.load(Leftovers.class).findFirst().orElseThrow();
        List<String> removed = ServiceLoader.load(NamespaceThreads.class).findFirst().orElseThrow()
                .call(hosts.host(1), () -> leftovers.remove(NODE_ID));
        assertEquals(2, removed.stream().filter(each -> each.startsWith("SA ")).count(), removed.toString());
        String left = Shell.words("ip -n " + hosts.host(1) + " xfrm state");
        assertTrue(left.contains("0x00000300") && left.lines().filter(line -> line.contains("proto esp")).count() == 1, left);
        assertEquals("", Shell.words("ip -n " + hosts.host(1) + " xfrm policy"));
        assertEquals("", Shell.in(hosts.host(1), "nft", "list", "ruleset"));
        assertFalse(Shell.words("ip netns list").contains("weft-" + NODE_ID));
    }
}
