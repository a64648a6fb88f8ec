package dev.weft.examples.agent;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "token", description = "Prints what a further node needs to join.", mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {

    private enum Role { worker, manager }

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "worker|manager", description = "the role that the node shall have")
    private Role role;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(parent.client().call(ControlClient.request("token").put("role", role.name())).asText());
        return 0;
    }
}
