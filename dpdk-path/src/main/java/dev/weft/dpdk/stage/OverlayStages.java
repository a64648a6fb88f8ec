package dev.weft.dpdk.stage;

import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import java.util.List;

/** The stages that work on overlay frames, in the order in which a packet meets them. One instance for each poller. */
public final class OverlayStages {

    private OverlayStages() {
    }

    /** From an endpoint's port to the FDB; next hop and encapsulation follow. */
    public static List<Stage> outbound(VipFlows flows, PolicyFlows policies) {
        return List.of(new InnerParse(), new SourceGuard(), new NeighborAnswer(), new EchoAnswer(), new GatewayService(), new PathMtu(),
                new MssClamp(), new VipDispatch(flows), Policy.outbound(policies), new VipReturn(flows), Fdb.outbound());
    }

    /** From a frame whose VXLAN header has been taken off to the endpoint's port. */
    public static List<Stage> inbound(VipFlows flows, PolicyFlows policies) {
        return List.of(new InnerParse(), new SourceCheck(), new ChecksumCompletion(), new NeighborRelay(), new MssClamp(),
                Policy.inbound(policies), new VipReturn(flows), Fdb.inbound());
    }
}
