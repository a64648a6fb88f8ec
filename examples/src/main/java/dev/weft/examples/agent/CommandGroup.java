package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A command that only has subcommands: alone it is wrong usage. */
abstract class CommandGroup implements Runnable {

    @CommandLine.Spec
    private CommandSpec groupSpec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(groupSpec.commandLine(), "say what to do");
    }

    static int list(CommandSpec spec, boolean json, JsonNode rows, String... columns) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ControlClient.print(out, rows);
        } else {
            Table.print(out, rows, columns);
        }
        return 0;
    }
}
