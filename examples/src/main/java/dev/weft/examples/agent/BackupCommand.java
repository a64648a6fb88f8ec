package dev.weft.examples.agent;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "backup", description = "Writes the cluster's state and this manager's identity to one file.", mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {

    @ParentCommand
    private WeftCommand parent;

    @Parameters(paramLabel = "FILE", description = "must not be there yet; only its owner can read it")
    private Path file;

    /** The node may run in another directory. */
    @Override
    public Integer call() {
        parent.client().call(ControlClient.request("backup").put("file", file.toAbsolutePath().toString()));
        return 0;
    }
}
