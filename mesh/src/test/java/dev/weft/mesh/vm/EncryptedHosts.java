package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaLimit;
import dev.weft.mesh.Await;
import dev.weft.testing.PairKeys;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts with an encrypted network, and traffic that shows that packets cross. */
abstract class EncryptedHosts {

    static final int VNI = 77;
    static final long SEED = 4106;
    /** So that a few packets later nobody understands the other without ESN. */
    static final long NEAR_WRAP = (1L << 32) - 20;

    private static final String TRANSFER = "2000000";

    @TempDir
    Path directory;

    TwoHosts hosts;
    TwoHosts.Member a;
    TwoHosts.Member b;

    /** The hosts, and member a at the first. */
    PairKeys wire(boolean ipv6, Cipher cipher, boolean udp, SaLimit limit, long start) {
        hosts = new TwoHosts(ipv6);
        PairKeys keys = new PairKeys(cipher, udp, limit, start, SEED);
        hosts.encrypt(VNI, cipher, keys);
        a = hosts.member("a", VNI, 1, 10);
        return keys;
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    /** Next hops and neighbours are found with the first packets; what comes after them may lose none. */
    void pingUntilAnswered() {
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "60", b.ipv4());
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "60", b.ipv6());
    }

    void pingBothWays() {
        List.of(b.ipv4(), b.ipv6()).forEach(address -> assertAllAnswered(a.container(), 40, "-i", "0.01", "-p", Wire.MARK_HEX, address));
        List.of(a.ipv4(), a.ipv6()).forEach(address -> assertAllAnswered(b.container(), 40, "-i", "0.01", "-p", Wire.MARK_HEX, address));
        assertAllAnswered(a.container(), 3, "-i", "0.05", "-M", "do", "-s", "" + (hosts.mtu(VNI) - 28), b.ipv4());
    }

    private static void assertAllAnswered(String from, int count, String... how) {
        long before = answers(from);
        List<String> ping = new ArrayList<>(List.of("ping", "-q", "-c", "" + count));
        ping.addAll(List.of(how));
        assertAllAnswered(from, before, count, Shell.tryRun(Shell.inside(from, ping.toArray(String[]::new))));
    }

    /** @param before answers that had come then @param seen what ping has printed */
    static void assertAllAnswered(String from, long before, int count, String seen) {
        assertTrue(seen.contains(count + " packets transmitted"), seen);
        Await.until("all answers: " + seen, () -> answers(from) == before + count);
    }

    /**
     * Echo replies that have come to a host or container, as its kernel counts them. ping itself goes when the last answer takes longer than
     * its interval and twice as long as all before.
     */
    static long answers(String at) {
        return Shell.in(at, "nstat", "-asz", "IcmpInEchoReps", "Icmp6InEchoReplies").lines().filter(line -> line.startsWith("Icmp"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[1])).sum();
    }

    void transferBothWays() {
        Path data = directory.resolve("data");
        Shell.run("sh", "-c", "yes " + Wire.MARK + " | head -c " + TRANSFER + " > " + data);
        String expected = Shell.words("sha256sum " + data).split(" ")[0];
        Process atB = Shell.startIn(b.container(), "sh", "-c", "timeout 300 socat -u TCP-LISTEN:5001,reuseaddr STDOUT | sha256sum");
        Shell.in(a.container(), "socat", "-u", "FILE:" + data, "TCP:" + b.ipv4() + ":5001,retry=600,interval=0.1");
        assertEquals(expected, Shell.output(atB).split(" ")[0]);
        Process atA = Shell.startIn(a.container(), "sh", "-c", "timeout 300 socat -u TCP6-LISTEN:5002,reuseaddr STDOUT | sha256sum");
        Shell.in(b.container(), "socat", "-u", "FILE:" + data, "TCP:[" + a.ipv6() + "]:5002,retry=600,interval=0.1");
        assertEquals(expected, Shell.output(atA).split(" ")[0]);
    }

    static void assertLost(String from, String to) {
        String lost = Shell.tryRun(Shell.inside(from, "ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", to));
        assertTrue(lost.contains(" 0 received"), lost);
    }
}
