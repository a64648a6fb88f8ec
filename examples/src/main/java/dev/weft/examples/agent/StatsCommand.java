package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "stats", description = "Prints counters and drop reasons, by stage and port.", mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "as JSON, zeros too")
    private boolean json;

    @Override
    public Integer call() {
        JsonNode counters = parent.client().call(ControlClient.request("stats").put("zeros", json));
        return CommandGroup.list(spec, json, counters, "scope", "name", "value");
    }
}
