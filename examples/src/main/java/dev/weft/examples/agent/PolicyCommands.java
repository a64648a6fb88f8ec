package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "policy", description = "Says which endpoints may begin flows with which.", mixinStandardHelpOptions = true)
final class PolicyCommands extends CommandGroup {

    private static final class Action {
        @Option(names = "--allow", required = true, description = "lets the flows through")
        private boolean allow;
        @Option(names = "--deny", required = true, description = "drops and counts them")
        private boolean deny;
    }

    private enum Protocol { any, tcp, udp, sctp, icmp }

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Command(description = "Adds a rule; asked of a manager.", mixinStandardHelpOptions = true)
    int add(@ArgGroup(multiplicity = "1") Action action,
            @Option(names = "--from", paramLabel = "WHO", defaultValue = "any", description = "any, a label KEY=VALUE, or an endpoint") String from,
            @Option(names = "--to", paramLabel = "WHO", defaultValue = "any", description = "the same, for the other side") String to,
            @Option(names = "--protocol", paramLabel = "P", defaultValue = "any", description = "${COMPLETION-CANDIDATES}") Protocol protocol,
            @Option(names = "--port", paramLabel = "N[-M]", description = "that the flow goes to; all otherwise") String ports,
            @Option(names = "--order", paramLabel = "N", defaultValue = "100", description = "the rule with the least one decides") int order,
            @Parameters(paramLabel = "NETWORK") String network, @Parameters(paramLabel = "RULE") String name) {
        ObjectNode request = ControlClient.request("policy-add").put("network", network).put("name", name).put("allow", action.allow)
                .put("from", from).put("to", to).put("protocol", protocol.name()).put("ports", ports).put("order", order);
        parent.client().call(request);
        return 0;
    }

    @Command(description = "Lists the rules of a network in the order in which they decide, with what this node has counted.",
            mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json, @Parameters(paramLabel = "NETWORK") String network) {
        return list(spec, json, parent.client().call(ControlClient.request("policy-ls").put("network", network)),
                "order", "name", "action", "from", "to", "protocol", "ports", "hits");
    }

    @Command(description = "Removes a rule; asked of a manager.", mixinStandardHelpOptions = true)
    int rm(@Parameters(paramLabel = "NETWORK") String network, @Parameters(paramLabel = "RULE") String name) {
        parent.client().call(ControlClient.request("policy-rm").put("network", network).put("name", name));
        return 0;
    }
}
