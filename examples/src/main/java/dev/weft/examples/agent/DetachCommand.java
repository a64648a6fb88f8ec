package dev.weft.examples.agent;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "detach", description = "Detaches an endpoint of this node.", mixinStandardHelpOptions = true)
final class DetachCommand implements Callable<Integer> {

    @ParentCommand
    private WeftCommand parent;

    @Parameters(index = "0", paramLabel = "NETWORK")
    private String network;

    @Parameters(index = "1", paramLabel = "NAME")
    private String name;

    @Override
    public Integer call() {
        parent.client().call(ControlClient.request("detach").put("network", network).put("name", name));
        return 0;
    }
}
