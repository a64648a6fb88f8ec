package dev.weft.examples.agent;

import dev.weft.api.OverlayNode;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes what a killed node left on this host. */
@Command(name = "weft purge", description = "Removes what a node that was killed, and will not come back, left on this host: network namespaces,"
        + " interfaces, rules, SAs. Refused while it runs. Its data directory stays; the cluster forgets it by: node rm.",
        mixinStandardHelpOptions = true)
final class PurgeCommand implements Runnable {

    @Spec
    private CommandSpec spec;
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "the node's data directory")
    private Path data;

    @Override
    public void run() {
        List<String> removed = OverlayNode.purge(data);
        removed.forEach(each -> spec.commandLine().getOut().println("removed " + each));
        if (removed.isEmpty()) {
            spec.commandLine().getOut().println("nothing is left of it here");
        }
    }
}
