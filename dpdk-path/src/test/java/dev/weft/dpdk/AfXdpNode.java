package dev.weft.dpdk;

import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/** A process with a DPDK path, which says when it is open, and ends with its input. Arguments: VTEP, uplink, network namespace. */
final class AfXdpNode {

    static final String OPEN = "open";

    private AfXdpNode() {
    }

    static DataPathConfig config(String vtep, String uplink, String namespace) {
        return new DataPathConfig("afxdp", InetAddress.ofLiteral(vtep), 4789, Optional.of(uplink), Optional.of(namespace), PipelineSpec.DEFAULT);
    }

    public static void main(String[] arguments) throws IOException {
        try (DataPath _ = new DpdkDataPathProvider().open(config(arguments[0], arguments[1], arguments[2]))) {
            System.out.println(OPEN);
            System.in.transferTo(System.err);
        }
    }
}
