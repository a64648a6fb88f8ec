package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "node", description = "Looks at the nodes of the cluster, or takes this one out.", mixinStandardHelpOptions = true)
final class NodeCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Command(description = "Lists the nodes.", mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json) {
        JsonNode nodes = parent.client().call(ControlClient.request("node-ls"));
        return list(spec, json, nodes, "name", "role", "live", "advertise", "vtep", "dataPath");
    }

    @Command(description = "Prints all about a node.", mixinStandardHelpOptions = true)
    int inspect(@Parameters(paramLabel = "NAME") String name) {
        ControlClient.print(spec.commandLine().getOut(), parent.client().call(ControlClient.request("node-inspect").put("name", name)));
        return 0;
    }

    @Command(description = "Takes this node out of the cluster for good and stops it.", mixinStandardHelpOptions = true)
    int leave() {
        parent.client().call(ControlClient.request("node-leave"));
        return 0;
    }
}
