package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "publish", description = "Publishes a service.", mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {

    enum Mode { vip, dnsrr }

    enum Balancing { rr, lc, maglev }

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Option(names = "--endpoint-mode", paramLabel = "MODE", defaultValue = "vip",
            description = "vip: a virtual address; dnsrr: the backends' own, in rotating order")
    private Mode mode;

    @Option(names = "--lb", paramLabel = "METHOD", defaultValue = "rr",
            description = "rr: each by its weight; lc: the one with the fewest connections for its weight; maglev: by the client")
    private Balancing balancing;

    @Option(names = "--affinity", description = "all connections of a client's address go to one backend")
    private boolean affinity;

    @Option(names = "--weight", paramLabel = "ENDPOINT=N", description = "of a backend, 1 to 100; 1 otherwise; may be given several times")
    private Map<String, Integer> weights = Map.of();

    @Option(names = "--publish", paramLabel = "PORTS",
            description = "ports of the nodes and of the backends: [ADDR:|IFNAME:]8080:80[/tcp|udp|sctp], or"
            + " published=8080,target=80,protocol=tcp,mode=ingress|host,bind=ADDR|IFNAME; may be given several times")
    private List<String> ports;

    @Option(names = "--ingress-masquerade", description = "backends see a node's address and not the client's, in what comes by published ports")
    private boolean masquerade;

    @Option(names = "--backend", required = true, paramLabel = "ENDPOINT", description = "may be given several times")
    private List<String> backends;

    @Parameters(index = "0", paramLabel = "NETWORK")
    private String network;

    @Parameters(index = "1", paramLabel = "SERVICE")
    private String service;

    @Override
    public Integer call() {
        ObjectNode request = ControlClient.request("publish").put("network", network).put("name", service).put("mode", mode.name())
                .put("lb", balancing.name()).put("affinity", affinity).put("masquerade", masquerade);
        ObjectNode weightOf = request.putObject("weights");
        weights.forEach(weightOf::put);
        Lists.put(request, "backends", backends);
        Lists.put(request, "ports", ports);
        String vips = String.join(" ", Lists.get(parent.client().call(request), "vips"));
        spec.commandLine().getOut().println((service + " " + vips).strip());
        return 0;
    }
}
