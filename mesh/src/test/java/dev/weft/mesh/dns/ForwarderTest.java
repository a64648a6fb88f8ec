package dev.weft.mesh.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.mesh.Await;
import dev.weft.mesh.dns.NameCounters.Event;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Against name servers on loopback ports. */
class ForwarderTest {

    private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();

    private static Message question(String name) {
        return Message.newQuery(Record.newRecord(Name.fromConstantString(name + "."), Type.A, DClass.IN));
    }

    static Message answer(Message question, int rcode, int records) {
        Message answer = new Message();
        answer.getHeader().setRcode(rcode);
        answer.addRecord(question.getQuestion(), Section.QUESTION);
        for (int i = 0; i < records; i++) {
            answer.addRecord(new ARecord(question.getQuestion().getName(), DClass.IN, 60, InetAddress.ofLiteral("198.51.100." + i)), Section.ANSWER);
        }
        return answer;
    }

    private void ask(TestNames dns, Message question) {
        dns.server.ask(TestNames.VNI, question.toWire(), TestNames.UDP_ROOM, answers::add);
    }

    private Message take() {
        try {
            byte[] answer = answers.poll(90, TimeUnit.SECONDS);
            assertTrue(answer != null, "no answer");
            return new Message(answer);
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRelayUnderTheAskersIdentificationAndSpelling() throws Exception {
        try (TestUpstream upstream = new TestUpstream(question -> answer(question, Rcode.NOERROR, 1))) {
            TestNames dns = new TestNames(upstream.address());
            for (String name : List.of("Example.org", "eXample.ORG")) {
                Message question = question(name);
                ask(dns, question);
                Message answer = take();
                assertEquals(question.getHeader().getID(), answer.getHeader().getID());
                assertEquals(name + ".", answer.getQuestion().getName().toString());
                assertEquals(List.of("198.51.100.0"), TestNames.answers(answer));
                assertEquals(null, answer.getOPT(), "asked without EDNS");
            }
            assertEquals(List.of("udp Example.org. A"), upstream.asked);
            assertEquals(1, dns.count(Event.FORWARDED));
            assertEquals(1, dns.count(Event.FROM_CACHE));
        }
    }

    @Test
    void shouldAskAgainByTcpWhenAnAnswerIsTruncated() throws Exception {
        try (TestUpstream upstream = new TestUpstream(question -> answer(question, Rcode.NOERROR, 60))) {
            TestNames dns = new TestNames(upstream.address());
            Message question = question("example.org");
            question.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
            ask(dns, question);
            assertEquals(60, TestNames.answers(take()).size());
            assertEquals(List.of("udp example.org. A", "tcp example.org. A"), upstream.asked);
        }
    }

    @Test
    void shouldGoOnToTheNextServerWhenOneFailsAndStayWithTheOneThatAnswered() throws Exception {
        try (TestUpstream failing = new TestUpstream(question -> answer(question, Rcode.SERVFAIL, 0));
                TestUpstream good = new TestUpstream(question -> answer(question, Rcode.NOERROR, 1))) {
            TestNames dns = new TestNames(failing.address(), good.address());
            ask(dns, question("one.example.org"));
            assertEquals(Rcode.NOERROR, take().getRcode());
            ask(dns, question("two.example.org"));
            assertEquals(Rcode.NOERROR, take().getRcode());
            assertEquals(1, failing.asked.size());
            assertEquals(2, good.asked.size());
        }
    }

    /** Who answers may be late himself here, and is asked again then. */
    @Test
    void shouldGoOnToTheNextServerWhenOneIsSilent() throws Exception {
        try (TestUpstream silent = new TestUpstream(_ -> null);
                TestUpstream good = new TestUpstream(question -> answer(question, Rcode.NOERROR, 1))) {
            TestNames dns = new TestNames(Duration.ofMillis(500), silent.address(), good.address());
            Await.until("an answer", () -> {
                ask(dns, question("example.org"));
                return take().getRcode() == Rcode.NOERROR;
            });
            assertEquals("udp example.org. A", silent.asked.getFirst());
        }
    }

    @Test
    void shouldFailWhenNobodyAnswers() throws Exception {
        try (TestUpstream silent = new TestUpstream(_ -> null)) {
            TestNames dns = new TestNames(Duration.ofMillis(500), silent.address());
            ask(dns, question("example.org"));
            assertEquals(Rcode.SERVFAIL, take().getRcode());
            assertEquals(1, dns.count(Event.UNREACHED));
        }
    }

    @Test
    void shouldAskOnceForEqualQuestionsSoThatALoopEndsItself() throws Exception {
        CountDownLatch all = new CountDownLatch(1);
        try (TestUpstream slow = new TestUpstream(question -> {
            try {
                all.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return answer(question, Rcode.NOERROR, 1);
        })) {
            TestNames dns = new TestNames(slow.address());
            for (int i = 0; i < 10; i++) {
                ask(dns, question(i % 2 == 0 ? "example.org" : "EXAMPLE.org"));
            }
            Await.until("the first one is asked", () -> !slow.asked.isEmpty());
            assertTrue(answers.isEmpty());
            all.countDown();
            for (int i = 0; i < 10; i++) {
                assertEquals(Rcode.NOERROR, take().getRcode());
            }
            assertEquals(1, slow.asked.size());
        }
    }

    @Test
    void shouldReadTheServersOfResolvConfAndNeverAskItsOwnGateway() throws Exception {
        assertEquals(List.of(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.53"), 53),
                        new InetSocketAddress(InetAddress.ofLiteral("2001:db8::53"), 53)),
                UpstreamServers.parse(List.of("# nameserver 1.2.3.4", "search example.org", "nameserver 192.0.2.53", "  nameserver\t2001:db8::53 ",
                        "nameserver", "nameserver resolver.example", "options edns0")));
        InetSocketAddress gateway = new InetSocketAddress(InetAddress.ofLiteral("10.0.1.1"), 53);
        InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.53"), 53);
        TestNames dns = new TestNames();
        assertEquals(List.of(other), new UpstreamServers(List.of(gateway, other), null, dns.names::isGateway).get());
        assertFalse(dns.names.isGateway(other.getAddress()));
    }
}
