package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.dns.TestUpstream;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.File;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** What a container gets when it asks the gateway of its network for names, by dig and by a JVM's own resolver, on each data path. */
abstract class NamesContract {

    private static final String GATEWAY = "10.77.0.1";
    private static final String GATEWAY_IPV6 = "fd77::1";

    @TempDir
    private Path directory;
    private TwoHosts hosts;
    private MemoryNodes nodes;
    private TestUpstream upstream;
    private OverlayNetwork blue;
    private String container;

    protected abstract DataPathKind kind();

    @BeforeEach
    void startNode() throws Exception {
        hosts = new TwoHosts(false);
        container = hosts.member("a", 1, 1, 2).container();
        upstream = new TestUpstream(NamesContract::outside);
        nodes = new MemoryNodes(directory);
        WeftNode node = nodes.start("one", kind(), () -> hosts.open(1, kind()), upstream.address());
        blue = node.createNetwork(NetworkSpec.named("blue").subnet("10.77.0.0/24").subnet("fd77::/64").build());
        blue.attach(EndpointSpec.networkNamespace("Web1", container, "eth0").alias("shop").build());
    }

    @AfterEach
    void stopNode() throws Exception {
        nodes.close();
        hosts.close();
        upstream.close();
    }

    private static Message outside(Message question) {
        Message answer = new Message(question.getHeader().getID());
        answer.addRecord(question.getQuestion(), Section.QUESTION);
        answer.addRecord(new ARecord(question.getQuestion().getName(), DClass.IN, 300, InetAddress.ofLiteral("198.51.100.7")), Section.ANSWER);
        return answer;
    }

    private Endpoint external(String name, int number, String alias) {
        return blue.attach(EndpointSpec.external(name, InetAddress.ofLiteral("192.0.2.77"), new MacAddress(0x0200_0000_7700L + number))
                .address("10.77.0." + number).alias(alias).build());
    }

    private List<String> dig(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dig", "@" + GATEWAY, "+short", "+tries=3", "+time=30"));
        command.addAll(List.of(arguments));
        return Shell.in(container, command.toArray(String[]::new)).lines().toList();
    }

    private String status(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dig", "@" + GATEWAY, "+tries=3", "+time=30"));
        command.addAll(List.of(arguments));
        String output = Shell.in(container, command.toArray(String[]::new));
        return output.replaceAll("(?s).*status: ([A-Z]+),.*", "$1") + " " + output.replaceAll("(?s).*ANSWER: ([0-9]+),.*", "$1");
    }

    @Test
    void shouldAnswerDigByUdpAndTcpOfBothFamilies() {
        blue.publish(ServiceSpec.named("web").backends("Web1").vip("10.77.0.80").build());
        for (String transport : List.of("+notcp", "+tcp")) {
            assertEquals(List.of("10.77.0.2"), dig(transport, "web1"));
            assertEquals(List.of("10.77.0.2"), dig(transport, "WEB1.Blue"));
            assertEquals(List.of("10.77.0.2"), dig(transport, "shop"));
            assertEquals(List.of("fd77::2"), dig(transport, "web1", "AAAA"));
            assertEquals(List.of("10.77.0.80"), dig(transport, "web"));
            assertEquals(List.of("10.77.0.2"), dig(transport, "tasks.web"));
            assertEquals(List.of("Web1.blue.", "shop.blue."), dig(transport, "-x", "10.77.0.2"));
            assertEquals(List.of("Web1.blue.", "shop.blue."), dig(transport, "-x", "fd77::2"));
            assertEquals(List.of("web.blue."), dig(transport, "-x", "10.77.0.80"));
            assertEquals("NOERROR 0", status(transport, "web1", "MX"));
            assertEquals("NXDOMAIN 0", status(transport, "web2"));
            String ipv6 = Shell.in(container, "dig", "@" + GATEWAY_IPV6, "+short", transport, "web1");
            assertEquals("10.77.0.2", ipv6);
        }
        assertEquals(List.of(), upstream.asked);
    }

    /** As many as come in 50 ms at 10,000 a second, while the thread that answers has no processor. */
    @Test
    void shouldAnswerEachQuestionOfABurst() {
        assertEquals("500 answers, 500 right", Shell.in(container, "python3", "-c", NameScripts.BURST, GATEWAY, "10.77.0.2"));
    }

    @Test
    void shouldFollowAttachDetachAndPublishAtOnce() {
        for (int round = 0; round < 5; round++) {
            assertEquals("NXDOMAIN 0", status("late"));
            try (Endpoint late = external("late", 40 + round, "soon")) {
                assertEquals(List.of("10.77.0." + (40 + round)), dig("late"));
                assertEquals(List.of("10.77.0." + (40 + round)), dig("soon"));
            }
        }
    }

    @Test
    void shouldTakeAnswersThatDoNotFitADatagramByTcp() {
        for (int number = 100; number < 250; number++) {
            external("m" + number, number, "many");
        }
        assertEquals(150, dig("many").stream().distinct().count());
        assertEquals(150, dig("+tcp", "many").stream().distinct().count());
        assertTrue(Shell.in(container, "dig", "@" + GATEWAY, "+ignore", "many").contains("flags: qr aa tc rd ra"), "truncated by UDP");
    }

    @Test
    void shouldSpreadADnsRoundRobinServiceEvenly() {
        external("p1", 61, "x");
        external("p2", 62, "x");
        external("p3", 63, "x");
        blue.publish(ServiceSpec.dnsrr("pool", "p1", "p2", "p3"));
        Await.until("the service is known", () -> dig("pool").size() == 3);
        Map<String, Integer> first = new HashMap<>();
        String[] questions = new String[30];
        Arrays.fill(questions, "pool");
        List<String> answers = dig(questions);
        for (int i = 0; i < answers.size(); i += 3) {
            first.merge(answers.get(i), 1, Integer::sum);
        }
        assertEquals(Map.of("10.77.0.61", 10, "10.77.0.62", 10, "10.77.0.63", 10), first);
    }

    @Test
    void shouldAskTheHostsServersForTheRestAndRemember() {
        askForTheFirstTime("www.example.org");
        List<String> asked = List.copyOf(upstream.asked);
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of("198.51.100.7"), dig("www.example.org"));
        }
        assertEquals(List.of("198.51.100.7"), dig("+tcp", "WWW.example.org"));
        assertEquals(asked, upstream.asked);
        assertEquals(List.of("udp www.example.org. A"), asked.stream().distinct().toList());
    }

    /** The host's server has two seconds, and so it may fail on a machine under load; what it has said is known for five minutes. */
    private void askForTheFirstTime(String name) {
        Await.until("the host's server answers", () -> dig(name).equals(List.of("198.51.100.7")));
    }

    @Test
    void shouldServeTheResolverOfAJvm() throws Exception {
        external("p1", 61, "x");
        external("p2", 62, "x");
        blue.publish(ServiceSpec.dnsrr("pool", "p1", "p2"));
        blue.publish(ServiceSpec.named("web").backends("Web1").vip("10.77.0.80").build());
        Await.until("the services are known", () -> dig("pool", "web").size() == 3);
        askForTheFirstTime("www.example.org");
        Path resolvConf = Files.createDirectories(Path.of("/etc/netns", container)).resolve("resolv.conf");
        try {
            Files.writeString(resolvConf, "nameserver " + GATEWAY + "\n");
            String output = Shell.in(container, java(AskNames.class, "web1", "SHOP.blue", "web", "pool", "tasks.web", "nobody", "www.example.org"));
            assertEquals(List.of("web1 10.77.0.2 fd77:0:0:0:0:0:0:2", "SHOP.blue 10.77.0.2 fd77:0:0:0:0:0:0:2", "web 10.77.0.80 fd77:0:0:0:0:0:0:3",
                    "pool 10.77.0.61 10.77.0.62", "tasks.web 10.77.0.2 fd77:0:0:0:0:0:0:2", "nobody unknown", "www.example.org 198.51.100.7"),
                    output.lines().toList());
        } finally {
            Files.delete(resolvConf);
            Files.delete(resolvConf.getParent());
        }
    }

    /** How many a second it can be is measured elsewhere. */
    @Test
    void shouldAnswerDigAndAJvmRightWhileMuchIsAsked() throws Exception {
        String second = hosts.member("b", 1, 1, 3).container();
        external("p1", 61, "x");
        external("p2", 62, "x");
        blue.publish(ServiceSpec.dnsrr("pool", "p1", "p2"));
        Await.until("the service is known", () -> dig("pool").size() == 2);
        blue.attach(EndpointSpec.networkNamespace("web2", second, "eth0").resolvConf().build());
        Process much = Shell.startIn(container, "python3", "-c", NameScripts.MUCH, GATEWAY, "10.77.0.2");
        try {
            assertEquals("begun", much.inputReader().readLine());
            for (String transport : List.of("+notcp", "+tcp")) {
                assertEquals(Collections.nCopies(50, "10.77.0.2"), dig(asked(50, transport, "web1")));
                List<String> first = everySecond(dig(asked(50, transport, "pool")));
                assertEquals(25, Collections.frequency(first, "10.77.0.61"));
                assertEquals(25, Collections.frequency(first, "10.77.0.62"));
            }
            assertEquals(Collections.nCopies(50, "web2 10.77.0.3 fd77:0:0:0:0:0:0:3"),
                    Shell.in(second, java(AskNames.class, Collections.nCopies(50, "web2").toArray(String[]::new))).lines().toList());
            much.getOutputStream().close();
            assertEquals("no answer was wrong", much.inputReader().readLine());
        } finally {
            much.destroyForcibly();
        }
    }

    private static String[] asked(int times, String option, String name) {
        return Stream.concat(Stream.of(option), Collections.nCopies(times, name).stream()).toArray(String[]::new);
    }

    private static List<String> everySecond(List<String> lines) {
        return IntStream.range(0, lines.size() / 2).mapToObj(i -> lines.get(2 * i)).toList();
    }

    @Test
    void shouldResolveNamesInANamespaceThatWantsItWithoutAWordToAnybody() throws Exception {
        String second = hosts.member("b", 1, 1, 3).container();
        Path file = Path.of("/etc/netns", second, "resolv.conf");
        EndpointSpec wanted = EndpointSpec.networkNamespace("web2", second, "eth0").resolvConf().build();
        Files.createDirectories(file.getParent());
        try {
            Files.writeString(file, "nameserver 192.0.2.53\n");
            WeftException refused = assertThrows(WeftException.InUse.class, () -> blue.attach(wanted));
            assertTrue(refused.getMessage().startsWith(file + " is there already"), refused.getMessage());
            assertEquals("NXDOMAIN 0", status("web2"));
            assertFalse(Shell.in(second, "ip", "-br", "link").contains("eth0"), "nothing is half done");
            assertEquals("nameserver 192.0.2.53\n", Files.readString(file));
        } finally {
            Files.delete(file);
            Files.delete(file.getParent());
        }
        askForTheFirstTime("www.example.org");
        try (Endpoint web2 = blue.attach(wanted)) {
            assertEquals(new Attachment.NetworkNamespace(second, "eth0", true), web2.info().attachment());
            assertEquals("10.77.0.2", Shell.in(second, "dig", "+short", "+tries=3", "+time=30", "web1"));
            assertEquals("fd77::2", Shell.in(second, "dig", "+short", "+tries=3", "+time=30", "web1", "AAAA"));
            assertEquals("10.77.0.2", Shell.in(second, "getent", "ahostsv4", "shop.blue").split(" ")[0]);
            assertEquals("198.51.100.7", Shell.in(second, "getent", "ahostsv4", "www.example.org").split(" ")[0]);
            assertEquals("NXDOMAIN 0", status("web3"));
        }
        assertFalse(Files.exists(file.getParent()), "taken away");
    }

    private static String[] java(Class<?> main, String... arguments) {
        String testClasses = Path.of(NamesContract.class.getProtectionDomain().getCodeSource().getLocation().getPath()).resolveSibling("test-classes")
                .toString();
        String classPath = Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, ""))
                .filter(path -> !path.isEmpty()).collect(Collectors.joining(File.pathSeparator));
        return Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-Dsun.net.inetaddr.ttl=0", "-cp", testClasses + File.pathSeparator + classPath, main.getName()), Stream.of(arguments))
                .toArray(String[]::new);
    }

    @Test
    void shouldTellDigTheSameAsTheApi() {
        external("p1", 61, "x");
        external("p2", 62, "x");
        assertEquals(new TreeSet<>(dig("x")),
                blue.resolve("x").stream().map(InetAddress::getHostAddress).collect(Collectors.toCollection(TreeSet::new)));
    }
}
