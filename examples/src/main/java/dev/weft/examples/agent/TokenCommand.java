package dev.weft.examples.agent;

import java.util.concurrent.Callable;
import picocli.CommandLine;
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

    @Parameters(paramLabel = "worker|manager", arity = "0..1", description = "the role that the node shall have")
    private Role role;

    @Command(description = "Makes the tokens of a role that were handed out worthless, and prints a new one. Members stay.",
            mixinStandardHelpOptions = true)
    int rotate(@Parameters(paramLabel = "worker|manager") Role of) {
        spec.commandLine().getOut().println(parent.client().call(ControlClient.request("token-rotate").put("role", of.name())).asText());
        return 0;
    }

    @Override
    public Integer call() {
        if (role == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "say for which role: worker or manager");
        }
        spec.commandLine().getOut().println(parent.client().call(ControlClient.request("token").put("role", role.name())).asText());
        return 0;
    }
}
