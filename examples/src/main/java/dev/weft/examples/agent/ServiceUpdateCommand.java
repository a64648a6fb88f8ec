package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "update", description = "Changes a published service; what no option names stays, and so do open connections.",
        mixinStandardHelpOptions = true)
final class ServiceUpdateCommand implements Callable<Integer> {

    @ParentCommand
    private ServiceCommands parent;

    @Option(names = "--publish-add", paramLabel = "PORTS", description = "a further port, as publish --publish takes it; may be given several times")
    private List<String> publishAdd;

    @Option(names = "--publish-rm", paramLabel = "PORT", description = "ports to publish no more, by their target (80, or 80/udp) or as they were"
            + " published (8080:80); may be given several times, and is done before --publish-add")
    private List<String> publishRemove;

    @Option(names = "--backend-add", paramLabel = "ENDPOINT", description = "a further backend; may be given several times")
    private List<String> backendAdd;

    @Option(names = "--backend-rm", paramLabel = "ENDPOINT", description = "a backend no more: its connections end; may be given several times")
    private List<String> backendRemove;

    @Option(names = "--lb", paramLabel = "METHOD", description = "rr, lc or maglev, as publish takes it")
    private PublishCommand.Balancing balancing;

    @Option(names = "--affinity", negatable = true, fallbackValue = "true",
            description = "all connections of a client's address go to one backend; or no more")
    private Boolean affinity;

    @Option(names = "--weight", paramLabel = "ENDPOINT=N", description = "of a backend, 1 to 100; may be given several times")
    private Map<String, Integer> weights = Map.of();

    @Option(names = "--endpoint-mode", paramLabel = "MODE",
            description = "vip: gives it virtual addresses; dnsrr: takes them away, and open connections to them end")
    private PublishCommand.Mode mode;

    @Parameters(paramLabel = "NAME", description = "SERVICE, or NETWORK/SERVICE")
    private String name;

    @Override
    public Integer call() {
        ObjectNode request = ControlClient.request("service-update").put("name", name).put("affinity", affinity);
        if (balancing != null) {
            request.put("lb", balancing.name());
        }
        if (mode != null) {
            request.put("mode", mode.name());
        }
        ObjectNode weightOf = request.putObject("weights");
        weights.forEach(weightOf::put);
        Lists.put(request, "backendAdd", backendAdd);
        Lists.put(request, "backendRemove", backendRemove);
        Lists.put(request, "publishAdd", publishAdd);
        Lists.put(request, "publishRemove", publishRemove);
        parent.client().call(request);
        return 0;
    }
}
