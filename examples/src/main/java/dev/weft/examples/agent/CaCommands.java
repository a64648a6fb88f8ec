package dev.weft.examples.agent;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

@Command(name = "ca", description = "Looks after the cluster's certificate authority.", mixinStandardHelpOptions = true)
final class CaCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Command(description = "Begins to replace the CA and every certificate, without an interruption; node inspect shows how far it is.",
            mixinStandardHelpOptions = true)
    int rotate() {
        parent.client().call(ControlClient.request("ca-rotate"));
        return 0;
    }
}
