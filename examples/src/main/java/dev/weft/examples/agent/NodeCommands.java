package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "node", description = "Looks at the nodes of the cluster, and changes what they are.", mixinStandardHelpOptions = true)
final class NodeCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Command(description = "Lists the nodes.", mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json) {
        JsonNode nodes = parent.client().call(ControlClient.request("node-ls"));
        return list(spec, json, nodes, "name", "role", "live", "drained", "advertise", "vtep", "dataPath");
    }

    @Command(description = "Prints all about a node.", mixinStandardHelpOptions = true)
    int inspect(@Parameters(paramLabel = "NAME") String name) {
        ControlClient.print(spec.commandLine().getOut(), parent.client().call(ControlClient.request("node-inspect").put("name", name)));
        return 0;
    }

    @Command(description = "Says which managers vote and which stand by.", mixinStandardHelpOptions = true)
    int managers() {
        return say(ControlClient.request("managers"));
    }

    @Command(description = "Makes a worker a manager.", mixinStandardHelpOptions = true)
    int promote(@Parameters(paramLabel = "NAME") String name) {
        return say(ControlClient.request("node-promote").put("name", name));
    }

    @Command(description = "Makes a manager a worker.", mixinStandardHelpOptions = true)
    int demote(@Parameters(paramLabel = "NAME") String name) {
        return say(ControlClient.request("node-demote").put("name", name));
    }

    @Command(description = "Lets a node take no new endpoints, and services choose none of its own.", mixinStandardHelpOptions = true)
    int drain(@Parameters(paramLabel = "NAME") String name) {
        parent.client().call(ControlClient.request("node-drain").put("name", name));
        return 0;
    }

    @Command(description = "Takes drain back.", mixinStandardHelpOptions = true)
    int activate(@Parameters(paramLabel = "NAME") String name) {
        parent.client().call(ControlClient.request("node-activate").put("name", name));
        return 0;
    }

    @Command(description = "Removes another node and all that it attached.", mixinStandardHelpOptions = true)
    int rm(@Option(names = "--force", description = "also when it is live") boolean force, @Parameters(paramLabel = "NAME") String name) {
        parent.client().call(ControlClient.request("node-rm").put("name", name).put("force", force));
        return 0;
    }

    private int say(ObjectNode request) {
        spec.commandLine().getOut().println(parent.client().call(request).asText());
        return 0;
    }

    @Command(description = "Takes this node out of the cluster for good and stops it.", mixinStandardHelpOptions = true)
    int leave() {
        parent.client().call(ControlClient.request("node-leave"));
        return 0;
    }
}
