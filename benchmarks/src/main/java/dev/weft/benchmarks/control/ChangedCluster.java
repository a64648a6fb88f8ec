package dev.weft.benchmarks.control;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.StateCompiler;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** What a node makes of a network with so many endpoints, one of them here and the others behind a hundred VTEPs, while one changes. */
final class ChangedCluster {

    private static final String NETWORK = "blue";
    private static final String SELF = "self";
    private static final int VNI = 77;
    private static final int VTEPS = 100;
    private static final int FIRST_ADDRESS = 0x0a00_0002;

    private final FedStore store = new FedStore();
    private final ClusterWatch watch = new ClusterWatch(store, new SystemScheduler().worker("watch"), () -> { });
    private final StateCompiler compiler = new StateCompiler(SELF);
    private final byte[] oneMore;
    private final String itsPath;
    private long epoch;
    private boolean there;

    ChangedCluster(int endpoints) {
        watch.retain(NETWORK);
        Cidr subnet = Cidr.parse("10.0.0.0/8");
        store.tell(Layout.network(NETWORK), RecordCodec.encode(new NetworkRecord(NETWORK, VNI, 1450,
                List.of(new SubnetRecord(subnet, address(FIRST_ADDRESS - 1), subnet)), true, Optional.empty())));
        store.tell(path("e0"), RecordCodec.encode(endpoint(0, new Attachment.InProcess())));
        for (int i = 1; i < endpoints; i++) {
            store.tell(path("e" + i), RecordCodec.encode(endpoint(i, external(i))));
        }
        itsPath = path("e" + endpoints);
        oneMore = RecordCodec.encode(endpoint(endpoints, external(endpoints)));
    }

    private static String path(String endpoint) {
        return Layout.endpoints(NETWORK) + "/" + endpoint;
    }

    private static EndpointRecord endpoint(int number, Attachment attachment) {
        return new EndpointRecord(NETWORK, "e" + number, SELF, new MacAddress(0x0242_0a00_0000L + number), List.of(address(FIRST_ADDRESS + number)),
                List.of(), attachment);
    }

    private static Attachment external(int number) {
        return new Attachment.External(address(0xc000_0210 + number % VTEPS));
    }

    private static InetAddress address(int bits) {
        return InetAddress.ofLiteral((bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255));
    }

    /** One more endpoint, or that one gone again; returns the state then, as the node's own thread computes it. */
    DataPathState change() {
        there = !there;
        store.tell(itsPath, there ? oneMore : null);
        return state();
    }

    DataPathState state() {
        return compiler.compile(watch.view(), ++epoch);
    }

    /** The state, as a node computes it that has computed none before. */
    DataPathState stateFromNothing() {
        ClusterView view = watch.view();
        return new StateCompiler(SELF).compile(view, ++epoch);
    }
}
