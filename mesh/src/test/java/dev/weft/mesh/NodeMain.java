package dev.weft.mesh;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.path.DataPathProvider;
import dev.weft.mesh.path.DataPathChoice;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.path.WayOut;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * What {@link NodeProcess} runs: {@code NAME DIRECTORY ADVERTISE PORTS KIND ATTACH [MANAGER TOKEN]}. KIND is a data path, or
 * RECORDING. ATTACH is empty, or {@code ENDPOINT@NAMESPACE} for the network "blue", which is made when it is missing, or {@code blue} for that
 * network alone. Says what it knows as {@code key=value}, then {@link #READY}. SIGTERM closes it.
 */
final class NodeMain {

    static final String READY = "ready";
    static final String NETWORK = "blue";

    private NodeMain() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        boolean recording = arguments[4].equals("RECORDING");
        DataPathKind kind = recording ? DataPathKind.SOCKET : DataPathKind.valueOf(arguments[4]);
        List<DataPathProvider> providers = recording ? List.of(new RecordingDataPath(kind)) : DataPathChoice.installed();
        NodeSpec spec = OverlayNode.builder().name(arguments[0]).dataDirectory(Path.of(arguments[1])).advertise(arguments[2])
                .ports(ports(arguments[3])).dataPath(kind).build();
        ClusterLink link = arguments.length < 8 ? ClusterLink.init(spec) : ClusterLink.join(spec, arguments[6], arguments[7]);
        WeftNode node = NodeStart.start(spec, link, providers, recording ? Optional.empty() : WayOut.installed());
        Runtime.getRuntime().addShutdownHook(new Thread(node::close));
        if (!arguments[5].isEmpty()) {
            attach(node, arguments[5].split("@"));
        }
        tell(node);
        new CountDownLatch(1).await();
    }

    /** As an argument. */
    static String text(ControlPorts ports) {
        return ports.management() + "," + ports.store() + "," + ports.quorum() + "," + ports.election() + "," + ports.node();
    }

    private static ControlPorts ports(String text) {
        int[] each = Stream.of(text.split(",")).mapToInt(Integer::parseInt).toArray();
        return new ControlPorts(each[0], each[1], each[2], each[3], each[4]);
    }

    private static void attach(WeftNode node, String[] endpointAndNamespace) {
        OverlayNetwork network = node.networks().isEmpty()
                ? node.createNetwork(NetworkSpec.named(NETWORK).subnet("10.7.1.0/24").build()) : node.network(NETWORK);
        if (endpointAndNamespace.length < 2) {
            return;
        }
        network.attach(EndpointSpec.networkNamespace(endpointAndNamespace[0], endpointAndNamespace[1], "eth0").build());
    }

    private static void tell(WeftNode node) {
        List<OverlayNetwork> networks = node.networks();
        System.out.println("id=" + node.info().id());
        if (node.info().role() == NodeRole.MANAGER) {
            System.out.println("token=" + node.token(NodeRole.WORKER));
        }
        System.out.println("networks=" + networks.stream().map(network -> network.info().name()).toList());
        System.out.println("endpoints=" + networks.stream().flatMap(network -> network.endpoints().stream()).map(EndpointInfo::name).toList());
        System.out.println("local=" + networks.stream().flatMap(network -> network.localEndpoints().stream())
                .map(endpoint -> endpoint.info().name()).toList());
        System.out.println(READY);
    }
}
