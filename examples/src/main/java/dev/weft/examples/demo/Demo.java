package dev.weft.examples.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The demonstration. Exit code 0 when all that it shows is so, 1 otherwise; it leaves nothing behind either way. */
public final class Demo {

    private static final String NETWORK = "blue";
    private static final int CONNECTIONS = 20;
    private static final int TRIES = 20;

    private final Hosts hosts;
    private final Nodes nodes;

    private Demo(Hosts hosts, Nodes nodes) {
        this.hosts = hosts;
        this.nodes = nodes;
    }

    public static void main(String[] arguments) {
        List<AutoCloseable> open = new ArrayList<>();
        Thread cleanUp = new Thread(() -> close(open), "weft-demo-clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        int exit = 0;
        try {
            Hosts hosts = new Hosts();
            open.add(hosts);
            Nodes nodes = new Nodes(hosts, System.getProperty("java.class.path"));
            open.add(nodes);
            new Demo(hosts, nodes).run();
            System.out.println("\nAll of it is so.");
        } catch (Exception e) {
            System.out.println("\nFAILED: " + e.getMessage());
            exit = 1;
        }
        System.exit(exit);
    }

    private static void close(List<AutoCloseable> open) {
        for (AutoCloseable each : open.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                System.err.println("clean-up: " + e.getMessage());
            }
        }
    }

    private void run() throws Exception {
        String echo = startHosts();
        String web1 = attach("a", "web1");
        String web2 = attach("b", "web2");
        attach("b", "web3");
        title("Ping from web1 on the DPDK path to web2 on the kernel path");
        System.out.println(lastLines(Shell.in(hosts.name("web1"), "ping", "-c", "20", "-i", "0.05", "-q", ipv4(web2)), 2));
        System.out.println(lastLines(Shell.in(hosts.name("web1"), "ping", "-c", "20", "-i", "0.05", "-q", ipv6(web2)), 2));
        title("A transfer over TCP, checked");
        System.out.println("web1 to web2: " + Transfer.run(hosts.name("web1"), hosts.name("web2"), ipv4(web2), 100));
        System.out.println("web2 to web1: " + Transfer.run(hosts.name("web2"), hosts.name("web1"), ipv4(web1), 100));
        title("The application in host c, whose endpoint is in its own process");
        echo(echo);
        title("A service with a virtual address: web2 and web3 behind it, web1 asks");
        service();
        title("The wire, as tshark reads it");
        wire(ipv4(web2));
        title("Counters of host a");
        System.out.println(nodes.tell("a", "stats"));
    }

    private String startHosts() throws IOException {
        title("Three hosts: a on DPDK, b on the kernel's VXLAN, c an application on a UDP socket");
        nodes.start("a", "dpdk", "192.0.2.1", "--init");
        String token = nodes.tell("a", "token", "worker");
        nodes.start("b", "kernel", "192.0.2.2", "--join", "192.0.2.1", "--token", token);
        nodes.tell("a", "network", "create", "--subnet", "10.77.0.0/24", "--subnet", "fd77::/64", "--attachable", NETWORK);
        String echo = nodes.startEcho(token, NETWORK);
        System.out.println(nodes.tell("a", "node", "ls"));
        return echo;
    }

    /** @return the line that attach prints: name, MAC, addresses */
    private String attach(String node, String container) {
        return nodes.tell(node, "attach", NETWORK, container, "--netns", hosts.name(container));
    }

    private static String ipv4(String attached) {
        return attached.split(" ")[2];
    }

    private static String ipv6(String attached) {
        return attached.split(" ")[3];
    }

    private void echo(String address) throws IOException, InterruptedException {
        String answer = "";
        for (int i = 0; answer.isEmpty() && i < TRIES; i++) { // datagrams may be lost, and answers late
            Process client = Shell.start(hosts.name("web2"), "socat", "-t2", "-", "UDP:" + address + ":7");
            client.getOutputStream().write("hello from web2\n".getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().close();
            answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            client.waitFor();
        }
        require(answer.equals("hello from web2"), "the application at " + address + " answered '" + answer + "'");
        System.out.println("web2 sent a datagram to " + address + ":7 and got back: " + answer);
    }

    private void service() throws IOException, InterruptedException {
        List<Process> servers = new ArrayList<>();
        for (String name : List.of("web2", "web3")) {
            servers.add(Shell.start(hosts.name(name), "socat", "-U", "TCP-LISTEN:80,reuseaddr,fork", "SYSTEM:echo " + name));
        }
        try {
            String vip = nodes.tell("a", "publish", NETWORK, "web", "--backend", "web2", "--backend", "web3").split(" ")[1];
            Map<String, Integer> answers = new TreeMap<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                answers.merge(Shell.in(hosts.name("web1"), "socat", "-u", "TCP:" + vip + ":80,retry=600,interval=0.1", "STDOUT"), 1, Integer::sum);
            }
            System.out.println(CONNECTIONS + " connections to " + vip + ":80 were answered by " + answers);
            require(answers.keySet().equals(java.util.Set.of("web2", "web3")), "not both backends were reached: " + answers);
        } finally {
            for (Process server : servers) {
                server.destroy();
                server.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private void wire(String target) throws IOException, InterruptedException {
        Process tshark = Shell.start(hosts.name("switch"), "tshark", "-l", "-i", "to-a", "-c", "4", "-a", "duration:60", "-f", "udp port 4789");
        Process pings = Shell.start(hosts.name("web1"), "ping", "-q", "-i", "0.2", "-w", "120", target);
        String seen = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        pings.destroy();
        pings.waitFor();
        System.out.println(seen);
        require(seen.contains("Echo (ping) request") && seen.contains("Echo (ping) reply") && !seen.contains("Malformed"),
                "tshark did not read the pings off the wire");
    }

    private static void require(boolean so, String otherwise) {
        if (!so) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static void title(String text) {
        System.out.println("\n== " + text);
    }

    private static String lastLines(String text, int count) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }
}
