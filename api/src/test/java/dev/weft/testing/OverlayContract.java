package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.DataPathKind;
import dev.weft.api.counter.DropReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pair of data paths keeps apart and refuses. */
public abstract class OverlayContract extends PolicyContract {

    protected static final int OTHER_VNI = 78;

    /** Sends UDP payloads from the wire. Arguments: target, then hexadecimal payloads. */
    protected static final String RAW_VXLAN = """
            import socket, sys
            s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
            if sys.argv[2] != '-': s.bind((sys.argv[2], 0))
            for payload in sys.argv[3:]: s.sendto(bytes.fromhex(payload), (sys.argv[1], 4789))
            """;

    @Test
    void shouldKeepNetworksWithTheSameSubnetApart() {
        TwoHosts.Member otherA = hosts.member("oa", OTHER_VNI, 1, 10);
        TwoHosts.Member otherB = hosts.member("ob", OTHER_VNI, 2, 12);
        applyBoth();
        Shell.in(otherA.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", otherB.ipv4());
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
        for (String[] stranger : new String[][] {{otherA.container(), b.ipv4()}, {a.container(), otherB.ipv4()}}) {
            String lost = Shell.tryRun(Shell.inside(stranger[0], "ping", "-q", "-c", "2", "-i", "0.05", "-W", "1", stranger[1]));
            assertTrue(lost.contains(" 0 received"), lost);
        }
    }

    @Test
    void shouldLetAContainerInTwoNetworksSeeBoth() {
        TwoHosts.Member second = hosts.member("a2", TwoHosts.APART, 1, 30, a.container());
        TwoHosts.Member peer = hosts.member("p2", TwoHosts.APART, 2, 31);
        applyBoth();
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", peer.ipv4());
        Shell.in(peer.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", second.ipv6());
    }

    /** What tcpdump shows the overlay's packets by. */
    protected String wireFilter() {
        return "udp port 4789";
    }

    /** The length that tcpdump shows of a ping of so many bytes. */
    protected int lengthOnTheWire(int pinged) {
        return pinged + 8;
    }

    @Test
    void shouldFloodNothingToOtherNodes() throws IOException, InterruptedException {
        Process tcpdump = Shell.startIn(hosts.host(2), "tcpdump", "-Z", "root", "--immediate-mode", "-l", "-n", "-i", "up0", wireFilter());
        BufferedReader seen = new BufferedReader(new InputStreamReader(tcpdump.getInputStream()));
        for (String line = seen.readLine(); !line.contains("listening on"); line = seen.readLine()) {
            continue; // until it captures
        }
        Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "2", "-i", "0.1", "-W", "1", "10.77.0.99"));
        Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-b", "-c", "2", "-i", "0.1", "-W", "1", "10.77.0.255"));
        Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "2", "-i", "0.1", "-W", "1", "ff02::1%" + a.interfaceName()));
        Shell.words("ip -n " + a.container() + " neigh replace 10.77.0.98 lladdr 02:00:00:00:aa:aa dev " + a.interfaceName());
        Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "2", "-i", "0.1", "-W", "1", "10.77.0.98"));
        // What may cross marks the end: had anything been flooded, it would stand before this.
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-s", "333", "-w", "60", b.ipv4());
        List<String> before = new ArrayList<>();
        for (String line = seen.readLine(); line != null && !line.contains("length " + lengthOnTheWire(333)); line = seen.readLine()) {
            before.add(line);
        }
        tcpdump.destroy();
        tcpdump.waitFor();
        assertEquals(List.of(), before.stream().filter(line -> !line.contains("VXLAN")).toList());
    }

    @Test
    protected void shouldCountWhatItRefusesFromTheUnderlay() {
        String frame = "020000004d0a" + "020000004d0b" + "0800";
        Shell.in(hosts.host(2), "python3", "-c", RAW_VXLAN, hosts.vtep(1), "-", "0800000000999900" + frame, "0800000000999900" + frame);
        Shell.words("ip -n " + hosts.host(2) + " addr add 192.0.2.77/24 dev up0");
        Shell.in(hosts.host(2), "python3", "-c", RAW_VXLAN, hosts.vtep(1), "192.0.2.77", "0800000000004d00" + frame);
        awaitCount(DropReason.UNKNOWN_VNI, 2);
        awaitCount(DropReason.UNKNOWN_VTEP, 1);
        Shell.in(hosts.host(2), "python3", "-c", RAW_VXLAN, hosts.vtep(1), "-", "0000000000004d00" + frame, "08000000", "0800000000004d00" + "0200",
                "0800000000004d00020000004d0a02000000ffff88b5");
        awaitCount(DropReason.VNI_FLAG_CLEAR, 1);
        awaitCount(DropReason.TRUNCATED, 2);
        if (near() != DataPathKind.KERNEL) { // the kernel's bridge does not know what VTEP a frame came from
            awaitCount(DropReason.SOURCE_MAC_MISMATCH, 1);
        }
    }

    protected final void awaitCount(DropReason reason, long least) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (near.counters().dropped(reason) < least) {
            assertTrue(System.nanoTime() < deadline, () -> reason + " is " + near.counters().dropped(reason) + ", awaited " + least);
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldLetNobodySendFromAnAddressThatIsNotItsOwn() {
        Shell.words("ip -n " + a.container() + " addr add 10.77.0.66/24 dev " + a.interfaceName());
        String lost = Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "2", "-i", "0.1", "-W", "1", "-I", "10.77.0.66", b.ipv4()));
        assertTrue(lost.contains(" 0 received"), lost);
    }

    /** Tells a host straight to its MAC that an address is the sender's (RFC 4861, 4.4). Arguments: interface, MACs, addresses, claimed one. */
    private static final String CLAIM = """
            import socket, struct, sys
            dev, mac_a, mac_b, ip_a, ip_b, claimed = sys.argv[1:]
            mac = lambda text: bytes.fromhex(text.replace(':', ''))
            six = lambda text: socket.inet_pton(socket.AF_INET6, text)
            def icmp(body):
                sum16 = sum(struct.unpack('>%dH' % (len(body) // 2 + 20), six(ip_a) + six(ip_b) + struct.pack('>II', len(body), 58) + body))
                sum16 = (sum16 & 0xffff) + (sum16 >> 16); sum16 = (sum16 & 0xffff) + (sum16 >> 16)
                return body[:2] + struct.pack('>H', sum16 ^ 0xffff) + body[4:]
            m = icmp(struct.pack('>BBHI', 136, 0, 0, 0x60000000) + six(claimed) + b'\\x02\\x01' + mac(mac_a))
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind((dev, 0))
            for _ in range(3):
                s.send(mac(mac_b) + mac(mac_a) + b'\\x86\\xdd' + struct.pack('>IHBB', 0x60000000, len(m), 58, 255) + six(ip_a) + six(ip_b) + m)
            """;

    @Test
    void shouldLetNobodyTakeTheAddressOfAnother() {
        TwoHosts.Member c = hosts.member("c", VNI, 1, 22);
        applyBoth();
        for (String family : new String[] {c.ipv6(), c.ipv4()}) {
            Shell.in(b.container(), "ping", "-q", "-c", "1", "-w", "30", family);
        }
        Shell.in(a.container(), "python3", "-c", CLAIM, a.interfaceName(), a.mac().toString(), b.mac().toString(), a.ipv6(), b.ipv6(), a.ipv6());
        Shell.in(a.container(), "python3", "-c", CLAIM, a.interfaceName(), a.mac().toString(), b.mac().toString(), a.ipv6(), b.ipv6(), c.ipv6());
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "30", b.ipv6()); // behind them
        String neighbours = Shell.words("ip -n " + b.container() + " -6 neigh show " + c.ipv6());
        assertTrue(neighbours.contains(c.mac().toString()), neighbours);
    }

    @Test
    void shouldTellWhoSendsPacketsAboveTheMtu() {
        Shell.words("ip -n " + a.container() + " link set " + a.interfaceName() + " mtu 3000");
        String told = Shell.tryRun(Shell.inside(a.container(), "ping", "-M", "do", "-c", "3", "-i", "0.2", "-W", "30", "-s", "1700", b.ipv4()));
        assertTrue(told.contains("mtu = " + hosts.mtu(VNI)) || told.contains("mtu=" + hosts.mtu(VNI)), told);
        String told6 = Shell.tryRun(Shell.inside(a.container(), "ping", "-M", "do", "-c", "3", "-i", "0.2", "-W", "30", "-s", "1700", b.ipv6()));
        assertTrue(told6.contains("mtu = " + hosts.mtu(VNI)) || told6.contains("mtu=" + hosts.mtu(VNI)) || told6.contains("too big"), told6);
    }

    @Test
    void shouldClampTheSegmentSize() throws IOException {
        Shell.words("ip -n " + a.container() + " link set " + a.interfaceName() + " mtu 3000");
        Process tcpdump = Shell.startIn(b.container(), "tcpdump", "-Z", "root", "--immediate-mode", "-l", "-n", "-c", "1", "-i", b.interfaceName(),
                "tcp[13] & 2 != 0");
        BufferedReader seen = new BufferedReader(new InputStreamReader(tcpdump.getInputStream()));
        for (String line = seen.readLine(); !line.contains("listening on"); line = seen.readLine()) {
            continue; // until it captures
        }
        Shell.tryRun(Shell.inside(a.container(), "timeout", "60", "socat", "-u", "STDIN", "TCP:" + b.ipv4() + ":9"));
        String syn = seen.readLine();
        assertTrue(syn.contains("mss " + (hosts.mtu(VNI) - 40)), syn);
    }
}
