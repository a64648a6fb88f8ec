package dev.weft.examples.agent;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "service", description = "Shows, changes and removes services.", subcommands = ServiceUpdateCommand.class,
        mixinStandardHelpOptions = true)
final class ServiceCommands extends CommandGroup {

    @ParentCommand
    private WeftCommand parent;

    @Spec
    private CommandSpec spec;

    ControlClient client() {
        return parent.client();
    }

    @Command(description = "Lists the services.", mixinStandardHelpOptions = true)
    int ls(@Option(names = "--json", description = "as JSON") boolean json) {
        return list(spec, json, parent.client().call(ControlClient.request("service-ls")), "network", "name", "endpointMode", "vips", "backends",
                "serving", "published");
    }

    @Command(description = "Prints all about a service.", mixinStandardHelpOptions = true)
    int inspect(@Parameters(paramLabel = "NAME", description = "SERVICE, or NETWORK/SERVICE") String name) {
        ControlClient.print(spec.commandLine().getOut(), parent.client().call(ControlClient.request("service-inspect").put("name", name)));
        return 0;
    }

    @Command(description = "Removes a service.", mixinStandardHelpOptions = true)
    int rm(@Parameters(paramLabel = "NAME", description = "SERVICE, or NETWORK/SERVICE") String name) {
        parent.client().call(ControlClient.request("service-rm").put("name", name));
        return 0;
    }
}
