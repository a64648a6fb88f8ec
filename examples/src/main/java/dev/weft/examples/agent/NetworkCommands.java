package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weft.api.Cipher;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "network", description = "Makes, shows and removes networks.", mixinStandardHelpOptions = true)
final class NetworkCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    private static final class Encryption {
        @Option(names = "--encrypted", required = true, description = "ESP around its packets between nodes")
        private boolean encrypted;
        @Option(names = "--cipher", paramLabel = "CIPHER", defaultValue = "aes-128-gcm", description = "aes-128-gcm (the default) or aes-256-gcm")
        private String cipher = Cipher.AES_128_GCM.label();
    }

    @Command(description = "Makes a network.", mixinStandardHelpOptions = true)
    int create(@Option(names = "--subnet", paramLabel = "CIDR", description = "may be given several times") List<String> subnets,
               @Option(names = "--gateway", paramLabel = "ADDR", description = "in one of the subnets") List<String> gateways,
               @Option(names = "--ip-range", paramLabel = "CIDR", description = "addresses are taken from it") List<String> ranges,
               @Option(names = "--reserve", paramLabel = "ADDR", description = "never given; may be given several times") List<String> reserved,
               @Option(names = "--mtu", paramLabel = "N", description = "bytes of an IP packet") Integer mtu,
               @Option(names = "--attachable", description = "endpoints may be attached by hand") boolean attachable,
               @Option(names = "--internal", description = "its endpoints in namespaces have no way out by the gateway bridge") boolean internal,
               @Option(names = "--ingress", description = "carries what comes by published ports; one in a cluster") boolean ingress,
               @ArgGroup(exclusive = false) Encryption encryption,
               @Parameters(paramLabel = "NAME") String name) {
        ObjectNode request = ControlClient.request("network-create").put("name", name).put("attachable", attachable).put("internal", internal)
                .put("ingress", ingress);
        Lists.put(request, "subnets", subnets);
        Lists.put(request, "gateways", gateways);
        Lists.put(request, "ranges", ranges);
        Lists.put(request, "reserved", reserved);
        if (mtu != null) {
            request.put("mtu", mtu);
        }
        if (encryption != null) {
            request.put("cipher", Cipher.parse(encryption.cipher).label());
        }
        JsonNode made = parent.client().call(request);
        spec.commandLine().getOut().println(made.path("name").asText() + " vni " + made.path("vni").asText());
        return 0;
    }

    private static final class Room {
        @Option(names = "--subnet", required = true, paramLabel = "CIDR", description = "a further subnet, for when the first is full")
        private String subnet;
        @Option(names = "--ip-range", required = true, paramLabel = "CIDR", description = "a wider range in a subnet that is there")
        private String range;
    }

    @Command(description = "Gives a network more room.", mixinStandardHelpOptions = true)
    int grow(@ArgGroup(multiplicity = "1") Room room,
             @Option(names = "--gateway", paramLabel = "ADDR", description = "of the further subnet") String gateway,
             @Option(names = "--reserve", paramLabel = "ADDR", description = "in the further subnet; never given") List<String> reserved,
             @Parameters(paramLabel = "NAME") String name) {
        ObjectNode request = ControlClient.request("network-grow").put("name", name).put("subnet", room.subnet).put("range", room.range)
                .put("gateway", gateway);
        Lists.put(request, "reserved", reserved);
        JsonNode grown = parent.client().call(request);
        spec.commandLine().getOut().println(grown.path("name").asText() + " subnets " + grown.path("subnets"));
        return 0;
    }

    @Command(description = "Lists the networks.", mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json) {
        return list(spec, json, parent.client().call(ControlClient.request("network-ls")), "name", "vni", "mtu", "subnets", "attachable",
                "encryption", "ingress");
    }

    @Command(description = "Prints all about a network.", mixinStandardHelpOptions = true)
    int inspect(@Parameters(paramLabel = "NAME") String name) {
        ControlClient.print(spec.commandLine().getOut(), parent.client().call(ControlClient.request("network-inspect").put("name", name)));
        return 0;
    }

    @Command(description = "Removes a network.", mixinStandardHelpOptions = true)
    int rm(@Parameters(paramLabel = "NAME") String name) {
        parent.client().call(ControlClient.request("network-rm").put("name", name));
        return 0;
    }
}
