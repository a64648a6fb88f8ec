package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "publish", description = "Publishes a service.", mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {

    private enum Mode { vip, dnsrr }

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    @Option(names = "--endpoint-mode", paramLabel = "MODE", defaultValue = "vip", description = "vip: a virtual address; dnsrr: the backends' own, in rotating order")
    private Mode mode;

    @Option(names = "--backend", required = true, paramLabel = "ENDPOINT", description = "may be given several times")
    private List<String> backends;

    @Parameters(index = "0", paramLabel = "NETWORK")
    private String network;

    @Parameters(index = "1", paramLabel = "SERVICE")
    private String service;

    @Override
    public Integer call() {
        ObjectNode request = ControlClient.request("publish").put("network", network).put("name", service).put("mode", mode.name());
        Lists.put(request, "backends", backends);
        String vips = String.join(" ", Lists.get(parent.client().call(request), "vips"));
        spec.commandLine().getOut().println((service + " " + vips).strip());
        return 0;
    }
}
