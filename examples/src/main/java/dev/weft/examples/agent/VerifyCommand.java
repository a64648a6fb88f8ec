package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "verify", description = "Sends marked frames over an encrypted network and looks for them in clear on this node's uplink.",
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "as JSON")
    private boolean json;
    @Parameters(paramLabel = "NETWORK")
    private String network;

    /** @return 0: all was seen, and nothing of it in clear */
    @Override
    public Integer call() {
        JsonNode report = parent.client().call(ControlClient.request("verify").put("network", network));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ControlClient.print(out, report);
        } else {
            out.println(report.path("sent").asText() + " marked frames sent, " + report.path("encrypted").asText() + " encrypted packets seen");
            report.path("leaks").forEach(line -> out.println("LEAK: " + line.asText()));
            report.path("blind").forEach(line -> out.println("NOT SEEN: " + line.asText()));
            out.println(report.path("clean").asBoolean() ? "clean: nothing of network '" + network + "' is in clear on this node's uplink"
                    : "NOT VERIFIED");
        }
        return report.path("clean").asBoolean() ? 0 : 1;
    }
}
