package dev.weft.examples.agent;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code weft node ...} runs a node, {@code weft purge ...} removes what a killed one left; {@code weft -C SOCKET ...} talks to one. Exit
 * code 0: done; 1: refused or failed, with the reason on stderr; 2: wrong usage.
 */
@Command(name = "weft", description = "Talks to a running node.", synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true,
        subcommands = {TokenCommand.class, CaCommands.class, NodeCommands.class, NetworkCommands.class, AttachCommand.class, DetachCommand.class,
            EndpointCommands.class, PublishCommand.class, ServiceCommands.class, PolicyCommands.class, KeyCommands.class, VerifyCommand.class,
            StatsCommand.class, BackupCommand.class})
public final class WeftCommand implements Runnable {

    @Option(names = {"-C", "--control"}, required = true, paramLabel = "SOCKET", description = "the node's control socket")
    private Path socket;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        System.exit(run(out, err, arguments));
    }

    /** @return the exit code */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(switch (arguments.length == 0 ? "" : arguments[0]) {
            case "node" -> new RunNodeCommand();
            case "purge" -> new PurgeCommand();
            default -> new WeftCommand();
        });
        boolean needsNode = line.getCommand() instanceof WeftCommand;
        String[] rest = needsNode ? arguments : Arrays.copyOfRange(arguments, 1, arguments.length);
        return line.setOut(out).setErr(err).setExecutionExceptionHandler(WeftCommand::report).execute(rest);
    }

    private static int report(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        line.getErr().println("weft: " + ControlFailure.of(failure).getMessage());
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do");
    }

    ControlClient client() {
        return new ControlClient(socket);
    }
}
