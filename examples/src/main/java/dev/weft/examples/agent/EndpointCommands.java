package dev.weft.examples.agent;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "endpoint", description = "Speaks for an endpoint of this node.", mixinStandardHelpOptions = true)
final class EndpointCommands extends CommandGroup {

    private enum Fitness { healthy, unhealthy }

    @ParentCommand
    private WeftCommand parent;

    @Command(description = "Says whether an endpoint is fit to serve.", mixinStandardHelpOptions = true)
    int health(@Parameters(paramLabel = "NETWORK") String network, @Parameters(paramLabel = "NAME") String name,
               @Parameters(paramLabel = "healthy|unhealthy") Fitness fitness,
               @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "for people") String reason) {
        parent.client().call(ControlClient.request("endpoint-health").put("network", network).put("name", name).put("health", fitness.name())
                .put("reason", reason));
        return 0;
    }
}
