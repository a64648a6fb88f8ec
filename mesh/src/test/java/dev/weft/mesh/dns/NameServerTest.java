package dev.weft.mesh.dns;

import static dev.weft.mesh.dns.NetworkNamesTest.endpoint;
import static dev.weft.mesh.dns.NetworkNamesTest.ips;
import static dev.weft.mesh.dns.NetworkNamesTest.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.EndpointMode;
import dev.weft.mesh.dns.NameCounters.Event;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.testing.Packet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The bytes were written by hand from RFC 1035 and RFC 6891. */
class NameServerTest {

    private static final String HEADER_OF_ONE_QUESTION = "0001 0000 0000 0000";
    private static final String A_OF_WEB = "03 576542 00 0001 0001"; // "WeB", type A, class IN
    private static final String OPT = "00 0029 1000 00 00 0000 0000"; // takes 4096 bytes

    private final TestNames dns = new TestNames();

    private String ask(String... hex) {
        byte[] answer = dns.ask(Packet.bytes(hex), TestNames.UDP_ROOM);
        return answer == null ? null : HexFormat.of().formatHex(answer);
    }

    private static String hex(String... parts) {
        return HexFormat.of().formatHex(Packet.bytes(parts));
    }

    private static Message question(String name, int type) throws Exception {
        return Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
    }

    @Test
    void shouldAnswerWithTheBytesOfRfc1035() {
        dns.know(List.of(), endpoint("web", 2));
        // answer, authoritative, recursion wanted and to be had; the owner is a pointer to the question, TTL 0
        assertEquals(hex("abcd 8580 0001 0001 0000 0000", A_OF_WEB, "c00c 0001 0001 00000000 0004 0a000102"),
                ask("abcd 0100", HEADER_OF_ONE_QUESTION, A_OF_WEB));
        // EDNS is answered by EDNS, and what this server takes is 1232 bytes
        assertEquals(hex("abcd 8580 0001 0001 0000 0001", A_OF_WEB, "c00c 0001 0001 00000000 0004 0a000102", "00 0029 04d0 00 00 0000 0000"),
                ask("abcd 0100 0001 0000 0000 0001", A_OF_WEB, OPT));
        assertEquals(hex("abcd 8480 0001 0001 0000 0000", "03 576542 00 001c 0001",
                "c00c 001c 0001 00000000 0010 fd000000000000000000000000000002"), ask("abcd 0000", HEADER_OF_ONE_QUESTION, "03 576542 00 001c 0001"));
    }

    @Test
    void shouldTellNoSuchNameFromNoSuchRecord() {
        dns.know(List.of(service("idle", EndpointMode.DNSRR, List.of(), "gone")), endpoint("web", 2));
        assertEquals(hex("0001 8583", HEADER_OF_ONE_QUESTION, "03 616263 00 0001 0001"),
                ask("0001 0100", HEADER_OF_ONE_QUESTION, "03 616263 00 0001 0001"));
        assertEquals(hex("0001 8580", HEADER_OF_ONE_QUESTION, "03 576542 00 000f 0001"),
                ask("0001 0100", HEADER_OF_ONE_QUESTION, "03 576542 00 000f 0001"));
        assertEquals(hex("0001 8580", HEADER_OF_ONE_QUESTION, "04 69646c65 00 0001 0001"),
                ask("0001 0100", HEADER_OF_ONE_QUESTION, "04 69646c65 00 0001 0001"));
        assertEquals(1, dns.count(Event.UNKNOWN));
        assertEquals(2, dns.count(Event.ANSWERED));
    }

    @Test
    void shouldRefuseWhatItDoesNotTakeInTheWordsOfTheProtocol() {
        dns.know(List.of(), endpoint("web", 2));
        assertEquals(hex("0001 a804 0000 0000 0000 0000"), ask("0001 2800 0001 0000 0000 0000", A_OF_WEB), "an update: not implemented");
        assertEquals(hex("0001 8001 0000 0000 0000 0000"), ask("0001 0100 0000 0000 0000 0000"), "no question");
        assertEquals(hex("0001 8001 0000 0000 0000 0000"), ask("0001 0100 0002 0000 0000 0000", A_OF_WEB, A_OF_WEB), "two questions");
        assertEquals(hex("0001 8180 0001 0000 0000 0001", A_OF_WEB, "00 0029 04d0 01 00 0000 0000"),
                ask("0001 0100 0001 0000 0000 0001", A_OF_WEB, "00 0029 1000 00 01 0000 0000"), "EDNS 1: BADVERS");
        assertEquals(hex("0001 8181 0001 0000 0000 0001", A_OF_WEB, "00 0029 04d0 00 00 0000 0000"),
                ask("0001 0100 0001 0000 0000 0002", A_OF_WEB, OPT, OPT), "two OPT records");
        for (String type : List.of("00fc 0001", "00fb 0001", "0001 0003")) { // AXFR, IXFR, class CHAOS
            assertEquals(hex("0001 8185", HEADER_OF_ONE_QUESTION, "03 576542 00", type),
                    ask("0001 0100", HEADER_OF_ONE_QUESTION, "03 576542 00", type));
        }
        assertEquals(hex("0001 8184", HEADER_OF_ONE_QUESTION, "03 576542 00 00f9 0001"),
                ask("0001 0100", HEADER_OF_ONE_QUESTION, "03 576542 00 00f9 0001"), "TKEY");
    }

    @Test
    void shouldSayFormatErrorToEveryTruncationAndNothingToLessThanAHeader() {
        dns.know(List.of(), endpoint("web", 2));
        byte[] whole = Packet.bytes("abcd 0100 0001 0000 0000 0001", A_OF_WEB, OPT);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            byte[] answer = dns.ask(cut, TestNames.UDP_ROOM);
            assertEquals(length < 12 ? null : hex("abcd 8001 0000 0000 0000 0000"),
                    answer == null ? null : HexFormat.of().formatHex(answer), "" + length);
        }
        assertEquals(whole.length, dns.count(Event.MALFORMED));
    }

    @Test
    void shouldNeverAnswerAnAnswer() {
        assertNull(ask("abcd 8180", HEADER_OF_ONE_QUESTION, A_OF_WEB));
        assertEquals(1, dns.count(Event.MALFORMED));
    }

    @Test
    void shouldFollowEachChangeAtOnce() throws Exception {
        dns.know(List.of(), endpoint("web", 2));
        assertEquals(List.of("10.0.1.2"), TestNames.answers(dns.ask(question("web.blue", Type.A))));
        dns.know(List.of(), endpoint("web", 9));
        assertEquals(List.of("10.0.1.9"), TestNames.answers(dns.ask(question("web.blue", Type.A))));
        dns.know(List.of());
        assertEquals(Rcode.NXDOMAIN, dns.ask(question("web.blue", Type.A)).getRcode());
    }

    @Test
    void shouldAnswerPointersOfBothFamiliesInItsSubnetsOnly() throws Exception {
        dns.know(List.of(service("web", EndpointMode.VIP, ips("10.0.1.80"), "a")), endpoint("a", 2, "alias"));
        assertEquals(List.of("a.Blue.", "alias.Blue."), TestNames.answers(dns.ask(question("2.1.0.10.in-addr.arpa", Type.PTR))));
        assertEquals(List.of("web.Blue."), TestNames.answers(dns.ask(question("80.1.0.10.IN-ADDR.ARPA", Type.PTR))));
        assertEquals(List.of("a.Blue.", "alias.Blue."),
                TestNames.answers(dns.ask(question("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", Type.PTR))));
        assertEquals(Rcode.NXDOMAIN, dns.ask(question("99.1.0.10.in-addr.arpa", Type.PTR)).getRcode());
        assertEquals(0, dns.count(Event.FORWARDED));
    }

    @Test
    void shouldNeverForwardANetworksNames() throws Exception {
        for (String name : List.of("gone", "gone.blue", "x.gone.Blue", "tasks.gone", "localhost")) {
            Message answer = dns.ask(question(name, Type.A));
            assertEquals(Rcode.NXDOMAIN, answer.getRcode(), name);
            assertTrue(answer.getHeader().getFlag(Flags.AA), name);
        }
        assertEquals(0, dns.count(Event.FORWARDED));
    }

    @Test
    void shouldRefuseOthersNamesWithoutRecursionAndFailWhenNobodyCanBeAsked() throws Exception {
        Message question = question("example.org", Type.A);
        assertEquals(Rcode.SERVFAIL, dns.ask(question).getRcode());
        question.getHeader().unsetFlag(Flags.RD);
        assertEquals(Rcode.REFUSED, dns.ask(question).getRcode());
        assertEquals(1, dns.count(Event.UNREACHED));
    }

    @Test
    void shouldGiveEvenSharesByDnsRoundRobin() throws Exception {
        dns.know(List.of(service("pool", EndpointMode.DNSRR, List.of(), "a", "b", "c")), endpoint("a", 2), endpoint("b", 3), endpoint("c", 4));
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            List<String> answers = TestNames.answers(dns.ask(question("pool", Type.A)));
            assertEquals(3, answers.size());
            first.merge(answers.getFirst(), 1, Integer::sum);
            dns.ask(question("pool", Type.AAAA));
        }
        assertEquals(Map.of("10.0.1.2", 1000, "10.0.1.3", 1000, "10.0.1.4", 1000), first);
    }

    @Test
    void shouldTruncateToWhatTheAskerTakesAndGiveAllByTcp() throws Exception {
        EndpointRecord[] endpoints = IntStream.range(2, 102).mapToObj(number -> endpoint("e" + number, number, "all")).toArray(EndpointRecord[]::new);
        dns.know(List.of(), endpoints);
        byte[] plain = dns.ask(question("all", Type.A).toWire(), TestNames.UDP_ROOM);
        assertTrue(plain.length <= 512 && new Message(plain).getHeader().getFlag(Flags.TC));
        Message edns = question("all", Type.A);
        edns.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
        byte[] larger = dns.ask(edns.toWire(), TestNames.UDP_ROOM);
        assertTrue(larger.length <= TestNames.UDP_ROOM && new Message(larger).getHeader().getFlag(Flags.TC));
        assertEquals(1232, new Message(larger).getOPT().getPayloadSize());
        Message whole = new Message(dns.ask(edns.toWire(), NameServer.TCP_ROOM));
        assertEquals(100, TestNames.answers(whole).size());
        assertEquals(2, dns.count(Event.TRUNCATED));
    }

    /** Damaged questions of many kinds, the same at each run; whatever they are, the server goes on and answers in time. */
    @Test
    void shouldSurviveDamagedQuestions() throws Exception {
        dns.know(List.of(service("pool", EndpointMode.DNSRR, List.of(), "web")), endpoint("web", 2, "alias"));
        Random random = new Random(53);
        List<byte[]> seeds = List.of(Packet.bytes("abcd 0100 0001 0000 0000 0001", A_OF_WEB, OPT),
                question("pool.blue", Type.ANY).toWire(), question("2.1.0.10.in-addr.arpa", Type.PTR).toWire());
        for (int i = 0; i < 200_000; i++) {
            byte[] damaged = damaged(seeds.get(random.nextInt(seeds.size())), random);
            byte[] answer = dns.ask(damaged, random.nextBoolean() ? TestNames.UDP_ROOM : NameServer.TCP_ROOM);
            if (answer != null) {
                assertTrue(answer.length >= 12 && answer[0] == damaged[0] && answer[1] == damaged[1] && answer[2] < 0,
                        HexFormat.of().formatHex(damaged));
            }
        }
        assertEquals(List.of("10.0.1.2"), TestNames.answers(dns.ask(question("web", Type.A))));
    }

    private static byte[] damaged(byte[] seed, Random random) {
        byte[] bytes = Arrays.copyOf(seed, random.nextInt(4) == 0 ? random.nextInt(seed.length + 40) : seed.length);
        for (int n = random.nextInt(6); n > 0 && bytes.length > 0; n--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
