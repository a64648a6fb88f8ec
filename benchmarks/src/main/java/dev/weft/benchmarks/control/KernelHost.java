package dev.weft.benchmarks.control;

import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.kernel.KernelDataPathProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/** A kernel data path in a network namespace of its own. Needs root. */
final class KernelHost implements AutoCloseable {

    private final String namespace = "weft-bench-" + ProcessHandle.current().pid();
    private final DataPath path;

    KernelHost() throws IOException, InterruptedException {
        run("ip netns add " + namespace);
        run("ip -n " + namespace + " link add up0 type veth peer name up1");
        run("ip -n " + namespace + " addr add 192.0.2.1/24 dev up0");
        run("ip -n " + namespace + " link set up0 up");
        path = new KernelDataPathProvider().open(new DataPathConfig(Long.toHexString(0x1000_0000L + ProcessHandle.current().pid()),
                InetAddress.ofLiteral("192.0.2.1"), 4789, Optional.empty(), Optional.of(namespace), PipelineSpec.DEFAULT));
    }

    DataPath path() {
        return path;
    }

    private static void run(String command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command.split(" ")).inheritIO().start().waitFor() != 0) {
            throw new IOException("failed: " + command);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        path.close();
        run("ip netns del " + namespace);
    }
}
