package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "attach", description = "Attaches an endpoint to a network.", mixinStandardHelpOptions = true)
final class AttachCommand implements Callable<Integer> {

    private static final class Where {
        @Option(names = "--netns", required = true, paramLabel = "NS", description = "an interface in this network namespace")
        private String namespace;
        @Option(names = "--host", required = true, paramLabel = "IFNAME", description = "an interface of the host")
        private String host;
        @Option(names = "--vtep", required = true, paramLabel = "ADDR", description = "a member behind a VTEP that is not Weft's")
        private String vtep;
    }

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Where where;

    @Option(names = "--interface", paramLabel = "IFNAME", description = "its name inside the namespace; the first free of weft0, weft1, ...")
    private String interfaceName;

    @Option(names = "--resolv-conf", description = "names in the network namespace are asked of the network: /etc/netns/NS/resolv.conf, which"
            + " 'ip netns exec' takes for /etc/resolv.conf, names its gateways until the endpoint is detached")
    private boolean resolvConf;

    @Option(names = "--mac", paramLabel = "MAC", description = "needed with --vtep")
    private String mac;

    @Option(names = "--ip", paramLabel = "ADDR", description = "may be given several times; a free one otherwise")
    private List<String> addresses;

    @Option(names = "--alias", paramLabel = "A", description = "a further name; may be given several times")
    private List<String> aliases;

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "what policies may know it by; may be given several times")
    private Map<String, String> labels = Map.of();

    @Mixin
    private HealthOptions health;

    @Option(names = "--publish", paramLabel = "PORTS", description = "as of publish, for a network namespace")
    private List<String> ports;

    @Parameters(index = "0", paramLabel = "NETWORK")
    private String network;

    @Parameters(index = "1", paramLabel = "NAME")
    private String name;

    @Override
    public Integer call() {
        if (where.vtep != null && (mac == null || addresses == null)) {
            throw new ParameterException(spec.commandLine(), "--vtep needs --mac and --ip");
        }
        ObjectNode request = ControlClient.request("attach").put("network", network).put("name", name).put("namespace", where.namespace)
                .put("host", where.host).put("vtep", where.vtep).put("mac", mac).put("interface", interfaceName)
                .put("resolvConf", resolvConf);
        Lists.put(request, "addresses", addresses);
        Lists.put(request, "aliases", aliases);
        ObjectNode labelled = request.putObject("labels");
        labels.forEach(labelled::put);
        health.put(request);
        Lists.put(request, "ports", ports);
        JsonNode attached = parent.client().call(request);
        spec.commandLine().getOut().println(name + " " + attached.path("mac").asText() + " "
                + String.join(" ", Lists.get(attached, "addresses")));
        return 0;
    }
}
