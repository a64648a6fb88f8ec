package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weft.mesh.Await;
import dev.weft.testing.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What went over a host's uplink from the moment of {@link #watch} to that of an assertion; ARP and ND are left out. */
final class Wire implements AutoCloseable {

    /** Put into what must not be seen. */
    static final String MARK = "in clear in clear";
    static final String MARK_HEX = "696e20636c65617220696e20636c6561";

    private static final String MARK_PART = "in clear";
    /** Of the packet that a capture ends with. */
    private static final String END = "end of the watch";
    private static final String END_HEX = "656e64206f6620746865207761746368";

    private final String host;
    private final Process tcpdump;
    private final BufferedReader messages;
    private final Path capture;
    private boolean ended;

    private Wire(String host, Process tcpdump, Path capture) {
        this.host = host;
        this.tcpdump = tcpdump;
        this.messages = tcpdump.inputReader();
        this.capture = capture;
    }

    static Wire watch(String host, Path directory) throws IOException {
        Path capture = Files.createTempFile(directory, "wire", ".pcap");
        Process tcpdump = Shell.startIn(host, "tcpdump", "-Z", "root", "--immediate-mode", "-U", "-i", "up0", "-w", capture.toString(), "ip or ip6");
        Wire wire = new Wire(host, tcpdump, capture);
        for (String line = wire.messages.readLine(); !line.contains("listening on"); line = wire.messages.readLine()) {
            continue; // until it captures
        }
        return wire;
    }

    /** Not a packet left the host with that address. */
    void assertNothingFrom(String vtep) {
        stop();
        assertEquals(List.of(), packetsFrom(vtep));
    }

    /** What left the host with that address was ESP, if there was anything. */
    void assertNothingInClearFrom(String vtep) {
        stop();
        assertEquals(List.of(), packetsFrom(vtep).stream().filter(packet -> !packet.contains(": ESP(spi=0x")).toList());
    }

    private List<String> packetsFrom(String vtep) {
        return packets().stream().filter(packet -> packet.contains(" " + vtep + " > ") || packet.contains(" " + vtep + ".")).filter(packet ->
                packet.indexOf(vtep) < packet.indexOf(" > ")).toList();
    }

    void assertNothingButEsp() throws IOException {
        stop();
        assertEquals(List.of(), packets().stream().filter(packet -> !packet.contains(": ESP(spi=0x")).toList());
        assertFalse(packets().isEmpty());
        assertNoMark();
    }

    void assertNothingButEspInUdp() throws IOException {
        stop();
        assertEquals(List.of(), packets().stream().filter(packet -> !packet.contains(".4500: UDP-encap: ESP(spi=0x")).toList());
        assertFalse(packets().isEmpty());
        assertNoMark();
    }

    /** ESP, and VXLAN of that network. */
    void assertClearVniOnly(int vni) throws IOException {
        stop();
        List<String> clear = packets().stream().filter(packet -> !packet.contains(": ESP(spi=0x")).toList();
        assertEquals(List.of(), clear.stream().filter(packet -> !packet.contains("vni " + vni)).toList());
        assertFalse(clear.isEmpty());
        assertNoMark();
    }

    Set<String> spis() {
        stop();
        return packets().stream().map(packet -> packet.replaceAll(".*spi=(0x[0-9a-f]+).*", "$1")).collect(Collectors.toSet());
    }

    /** Low halves, in the order of the wire. */
    List<String> sequences(String spi) {
        stop();
        return packets().stream().filter(packet -> packet.contains("spi=" + spi)).map(packet -> packet.replaceAll(".*seq=(0x[0-9a-f]+).*", "$1"))
                .toList();
    }

    private void assertNoMark() throws IOException {
        assertFalse(hasCaptured(MARK_PART), "known plaintext on the wire");
    }

    private boolean hasCaptured(String text) throws IOException {
        return new String(Files.readAllBytes(capture), StandardCharsets.ISO_8859_1).contains(text);
    }

    private List<String> packets() {
        return Shell.run("tcpdump", "-n", "-r", capture.toString()).lines()
                .filter(line -> line.contains(" IP ") || line.contains(" IP6 ") && (!line.contains("ICMP6") || line.contains("unreachable"))
                        || line.startsWith("\t") && line.contains("vni")).filter(line -> !line.startsWith("reading")).toList();
    }

    /** When all that was on the wire before is in the capture: tcpdump ends without what it has not read yet. A second time nothing happens. */
    private void stop() {
        if (!ended) {
            Await.until("the capture has come to its end", this::hasCapturedEnd);
            ended = true;
            close();
        }
    }

    /** It is an echo request to all neighbours, of ICMPv6, which no assertion is about. */
    private boolean hasCapturedEnd() {
        Shell.tryRun(Shell.inside(host, "ping", "-q", "-c", "1", "-W", "1", "-p", END_HEX, "ff02::1%up0"));
        try {
            return hasCaptured(END);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        tcpdump.destroy();
        try {
            tcpdump.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
