package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.wire.EspTrailer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** All that {@link OverlayContract} asks, of two networks that are encrypted and a third that is not; and that nobody else reads them. */
public abstract class EncryptedContract extends OverlayContract {

    private static final long SEED = 20_261_125;
    /** Numbers soon need their high half. */
    private static final long START = (1L << 32) - 500;
    private static final int UDP_VXLAN_ETHERNET = 30;

    /** Sends again, from the wire, every frame of a capture that went to one MAC. Arguments: capture, interface, MAC. */
    private static final String SEND_AGAIN = """
            import socket, struct, sys
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind((sys.argv[2], 0))
            to = bytes.fromhex(sys.argv[3].replace(':', ''))
            data, at, sent = open(sys.argv[1], 'rb').read(), 24, 0
            while at < len(data):
                length = struct.unpack('<I', data[at + 8:at + 12])[0]
                frame = data[at + 16:at + 16 + length]
                at += 16 + length
                if frame[:6] == to:
                    s.send(frame)
                    sent += 1
            print(sent)
            """;

    protected PairKeys keys;

    protected abstract Cipher cipher();

    /** Whether a data path that could do without puts ESP in UDP. */
    protected abstract boolean udp();

    /** What the packets are on the wire. */
    protected boolean udpOnTheWire() {
        return udp();
    }

    @Override
    protected void openFar() {
        keys = new PairKeys(cipher(), udp(), SaLimit.DEFAULT, START, SEED);
        keys.offer();
        keys.switchOver();
        hosts.encrypt(VNI, cipher(), keys);
        hosts.encrypt(OTHER_VNI, cipher(), keys);
        super.openFar();
    }

    @Override
    protected String wireFilter() {
        return udpOnTheWire() ? "udp port 4500" : "ip proto 50 or ip6 proto 50";
    }

    @Override
    protected int lengthOnTheWire(int pinged) {
        int payload = UDP_VXLAN_ETHERNET + 20 + 8 + pinged;
        return 16 + payload + EspTrailer.padding(payload) + EspTrailer.LENGTH + 16;
    }

    /** With the keys tshark finds the overlay in a capture, and all of it whole; without them nobody finds a word of it. */
    @Test
    @Override
    protected void shouldPutNothingOnTheWireThatTsharkDislikes() throws IOException, InterruptedException {
        Path capture = captureOfTraffic("not arp and not (icmp6 and ip6[40] >= 130) and host " + hosts.vtep(1));
        assertEquals("", tshark(capture, "-Y", "!esp"));
        assertEquals("", tshark(capture, "-Y", "vxlan || icmp || icmpv6 || _ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0"));
        String bytes = new String(Files.readAllBytes(capture), StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains("hello"), "what the containers said");
        for (byte[] known : new byte[][] {{10, 77, 0, 10}, {10, 77, 0, 11}, a.mac().octets(), b.mac().octets(), {8, 0, 0, 0, 0, 0, 77, 0}}) {
            assertFalse(bytes.contains(new String(known, StandardCharsets.ISO_8859_1)), "the headers of the overlay");
        }
        assertEquals(Set.of("" + VNI), decrypted(capture, "-Y", "esp", "-T", "fields", "-e", "vxlan.vni").lines().collect(Collectors.toSet()));
        assertEquals("", decrypted(capture, "-Y", BAD));
        assertTrue(decrypted(capture, "-Y", "tcp.len == 6", "-T", "fields", "-e", "tcp.payload").contains("68656c6c6f0a"));
        if (udpOnTheWire()) {
            Set<String> ports = tshark(capture, "-Y", outgoing(), "-T", "fields", "-e", "udp.srcport").lines().collect(Collectors.toSet());
            assertTrue(ports.size() > 2, "source ports tell inner flows apart, found " + ports);
        }
    }

    /** As tshark shows a capture with the keys of both directions. */
    private String decrypted(Path capture, String... arguments) {
        String[] options = {"-o", "esp.enable_encryption_decode:TRUE", "-o", association(1, 2), "-o", association(2, 1)};
        String[] all = new String[options.length + arguments.length];
        System.arraycopy(options, 0, all, 0, options.length);
        System.arraycopy(arguments, 0, all, options.length, arguments.length);
        return tshark(capture, all);
    }

    /** Releases of tshark before 4.2 have no fields for ESN and say so. */
    private String association(int from, int to) {
        PairKeys.Sa sa = keys.to(to);
        return "uat:esp_sa:" + String.join(",", quoted(ipv6Underlay() ? "IPv6" : "IPv4"), quoted(hosts.vtep(from)), quoted(hosts.vtep(to)),
                quoted(sa.spiHex()), quoted("AES-GCM with 16 octet ICV [RFC4106]"), quoted(sa.keyHex()), quoted("NULL"),
                quoted(""), quoted("64-bit"), quoted("0"));
    }

    private static String quoted(String field) {
        return "\"" + field + "\"";
    }

    @Test
    @Override
    protected void shouldCountWhatItRefusesFromTheUnderlay() {
        String frame = "020000004d0a" + "020000004d0b" + "0800" + "4500001c000000004001" + "65c6" + "0a4d000b0a4d000a" + "0800f7ff00000000";
        Shell.in(hosts.host(2), "python3", "-c", RAW_VXLAN, hosts.vtep(1), "-", "0800000000004d00" + frame, "0800000000004d00" + frame);
        awaitCount(DropReason.CLEAR_TEXT, 2);
        Shell.in(hosts.host(2), "python3", "-c", RAW_VXLAN, hosts.vtep(1), "-", "0800000000999900" + frame);
        awaitCount(DropReason.UNKNOWN_VNI, 1);
    }

    /** What was there once is not taken again, by whatever name it comes. */
    @Test
    void shouldRefuseWhatIsSentAgain() throws IOException, InterruptedException {
        Path capture = captureOfTraffic(wireFilter());
        String macOfHost2 = Shell.in(hosts.host(2), "cat", "/sys/class/net/up0/address");
        for (String address : List.of(a.ipv4(), a.ipv6())) { // nobody asks b's kernel, and no answer is delivered, whether a is still there
            Shell.words("ip -n " + b.container() + " neigh replace " + address + " lladdr " + a.mac() + " nud permanent dev " + b.interfaceName());
        }
        long before = far.counters().dropped(DropReason.REPLAYED);
        long delivered = far.counters().value("endpoint:b@77", "tx-packets");
        int sent = Integer.parseInt(Shell.in(hosts.host(1), "python3", "-c", SEND_AGAIN, capture.toString(), "up0", macOfHost2));
        assertTrue(sent > 8);
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (far.counters().dropped(DropReason.REPLAYED) - before < sent) {
            assertTrue(System.nanoTime() < deadline, () -> far.counters().counters().toString());
            Thread.onSpinWait();
        }
        assertEquals(delivered, far.counters().value("endpoint:b@77", "tx-packets"));
    }

    @Test
    void shouldSendNothingWithoutAnSaAndGoOnWithOne() throws IOException, InterruptedException {
        keys.silence();
        applyBoth();
        String lost = Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-W", "1", b.ipv4()));
        assertTrue(lost.contains(" 0 received"), lost);
        awaitCount(DropReason.NO_SA, 3);
        keys.switchOver();
        applyBoth();
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
    }

    @Test
    void shouldLoseNothingWhileKeysChange() {
        Pings pings = Pings.start(a.container(), b.ipv4(), 1500, 0.002);
        for (int rekey = 0; rekey < 20; rekey++) {
            keys.offer();
            applyBoth();
            keys.switchOver();
            applyBoth();
            Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "60", b.ipv6()); // behind it nothing of the old key is under way
            keys.retire();
            applyBoth();
        }
        pings.assertNoneLost();
        assertEquals(Map.of(), near.apply(hosts.state(1)));
    }
}
