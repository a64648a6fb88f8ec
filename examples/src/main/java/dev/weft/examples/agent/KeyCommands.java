package dev.weft.examples.agent;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "key", description = "Looks at the keys of encrypted networks, or replaces them.", mixinStandardHelpOptions = true)
final class KeyCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Command(description = "Lists this node's SAs with other nodes; never a key.", mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json) {
        return list(spec, json, parent.client().call(ControlClient.request("key-ls")), "peer", "direction", "spi", "cipher", "age", "packets",
                "bytes");
    }

    @Command(description = "Replaces the keys between all nodes of a network; asked of a manager.", mixinStandardHelpOptions = true)
    int rotate(@Parameters(paramLabel = "NETWORK") String network) {
        parent.client().call(ControlClient.request("key-rotate").put("network", network));
        return 0;
    }
}
