package dev.weft.dpdk;

import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.FusedPipeline;
import dev.weft.dpdk.pipeline.Housekeeping;
import dev.weft.dpdk.pipeline.Pipeline;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.StageChain;
import dev.weft.dpdk.pipeline.StreamPriority;
import dev.weft.dpdk.pipeline.Way;
import dev.weft.dpdk.pipeline.WorkerPipeline;
import dev.weft.dpdk.port.LinuxSocketPort;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.EspOpen;
import dev.weft.dpdk.stage.EspSeal;
import dev.weft.dpdk.stage.FromKernel;
import dev.weft.dpdk.stage.NextHop;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.stage.ReplayCheck;
import dev.weft.dpdk.stage.SaLookup;
import dev.weft.dpdk.stage.SaSelect;
import dev.weft.dpdk.stage.Transmit;
import dev.weft.dpdk.stage.UnderlayParse;
import dev.weft.dpdk.stage.VxlanDecap;
import dev.weft.dpdk.stage.VxlanEncap;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NeighborSolicitor;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.OuterHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/** Puts the stages of both directions in their order; the uplink decides which of them are needed. */
final class PacketWalk {

    private final DataPathConfig config;
    private final Uplink uplink;
    private final LongSupplier nanoClock;
    private final VipFlows flows;
    private final PolicyFlows policies;
    private final Transmit transmit;
    /** {@link #transmit}, and what looks at a burst behind it. */
    private Stage last;
    /** Before what is encrypted is opened. */
    private final List<Stage> inbound = new ArrayList<>();
    private final List<Stage> opened = new ArrayList<>();
    private final List<Stage> outbound = new ArrayList<>();
    /** Of each thread that seals, by its number. */
    private IntFunction<Stage> sealing;
    private final List<Housekeeping> housekeeping = new ArrayList<>();

    PacketWalk(DataPathConfig config, Uplink uplink, Ports ports, LongSupplier nanoClock) {
        this.config = config;
        this.uplink = uplink;
        this.nanoClock = nanoClock;
        flows = new VipFlows(VipFlows.DEFAULT_CAPACITY, nanoClock);
        policies = new PolicyFlows(PolicyFlows.DEFAULT_CAPACITY, nanoClock);
        housekeeping.add(flows);
        housekeeping.add(policies);
        transmit = new Transmit(ports, uplink.pool());
        last = transmit;
        outbound.addAll(OverlayStages.outbound(flows, policies));
        uplink.ethernet().ifPresentOrElse(this::overEthernet, this::overSocket);
        inbound.add(new SaLookup());
        opened.add(new ReplayCheck());
        opened.add(new VxlanDecap());
        opened.addAll(OverlayStages.inbound(flows, policies));
    }

    private void overSocket() {
        PipelineSpec pipeline = config.pipeline();
        // Who spins has a core of its own, or takes too much of a shared one as it is. That it is a socket also says that there is libc.
        if (pipeline.streamPriority() && !pipeline.busySpin() && uplink.port() instanceof LinuxSocketPort) {
            StreamPriority priority = new StreamPriority();
            housekeeping.add(priority);
            last = StageChain.of(List.of(transmit, priority));
        }
        outbound.add(new SaSelect(true));
        sealing = thread -> sealing(thread, null);
    }

    private void overEthernet(Uplink.Ethernet ethernet) {
        NextHopTable nextHops = new NextHopTable(ethernet.routes());
        uplink.kernel().ifPresent(_ -> inbound.add(new FromKernel()));
        inbound.add(new UnderlayParse(ethernet.underlay(), nextHops, nanoClock));
        outbound.add(new NextHop(nextHops, nanoClock));
        outbound.add(new SaSelect(false));
        sealing = thread -> sealing(thread, new OuterHeaders(ethernet.underlay()));
        housekeeping.add(askForNextHops(new NeighborSolicitor(ethernet.underlay(), nextHops, uplink.pool()), nextHops));
    }

    private Stage sealing(int thread, OuterHeaders outer) {
        Stage encapsulate = new VxlanEncap(Ports.UPLINK, config.vtep(), config.port(), outer);
        Stage seal = new EspSeal(Ports.UPLINK, uplink.pool(), outer, config.espPort(), thread);
        return StageChain.of(List.of(encapsulate, seal));
    }

    private Housekeeping askForNextHops(NeighborSolicitor solicitor, NextHopTable nextHops) {
        Burst burst = new Burst();
        return (Tables tables, long nanos) -> {
            nextHops.adopt(tables.vteps(), nanos);
            burst.begin(tables, uplink.pool().memory(), Ports.UPLINK);
            if (solicitor.solicit(burst, Ports.UPLINK, nanos) > 0) {
                transmit.process(burst);
            }
        };
    }

    /** @param finished wakes the poller; called by workers */
    Pipeline pipeline(PipelineSpec spec, Runnable finished) {
        IntFunction<Stage> opening = thread -> new EspOpen(config.port(), thread);
        if (spec.workers() == 0) {
            return new FusedPipeline(chain(inbound, opening.apply(0), opened), chain(outbound, sealing.apply(0), List.of()), last);
        }
        return new WorkerPipeline(new Way(inbound, opening, opened), new Way(outbound, sealing, List.of()), last, spec.workers(), spec.busySpin(),
                finished);
    }

    private static List<Stage> chain(List<Stage> before, Stage stage, List<Stage> behind) {
        List<Stage> all = new ArrayList<>(before);
        all.add(stage);
        all.addAll(behind);
        return all;
    }

    List<Housekeeping> housekeeping() {
        return housekeeping;
    }
}
