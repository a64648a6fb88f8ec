package dev.weft.benchmarks.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One thing to measure, by Java and by the twin in C; both take it as text, {@code work:size:flows:endpoints:cache}.
 *
 * @param size      bytes of the inner frame
 * @param flows     from which each packet is drawn, by its ports
 * @param endpoints of the network at the other node; which of them a packet is for is drawn as well
 * @param cold      whether 16 MB of other data are written before each burst, which leaves nothing in the first two levels of cache
 */
record PipelineCase(Work work, int size, int flows, int endpoints, boolean cold) {

    /** What is done with a packet. */
    enum Work {
        /** Receive, exchange the MACs, send. */
        FORWARD,
        /** Receive, FDB, next hop, VXLAN, send. */
        ENCAPSULATE,
        /** All stages out of one node and all stages into the other, in clear. */
        CLEAR,
        /** The same, sealed with AES-128-GCM. */
        ESP,
        /** Clear, to a VIP with ten backends. */
        VIP;

        boolean isWalk() {
            return this == CLEAR || this == ESP || this == VIP;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int[] SIZES = {64, 512, 1400, 8900};
    private static final int[] FLOWS = {1, 1_000, 1_000_000};
    private static final int[] ENDPOINTS = {1_000, 100_000};
    static final int USUAL_SIZE = 1400;

    /** One thing varies at a time. */
    static List<PipelineCase> all() {
        List<PipelineCase> cases = new ArrayList<>();
        cases.add(new PipelineCase(Work.FORWARD, SIZES[0], 1, 1, false));
        cases.add(new PipelineCase(Work.ENCAPSULATE, SIZES[0], 1, 1, false));
        cases.add(new PipelineCase(Work.ENCAPSULATE, USUAL_SIZE, 1, 1, false));
        for (int size : SIZES) {
            cases.add(new PipelineCase(Work.CLEAR, size, 1, 1, false));
            cases.add(new PipelineCase(Work.ESP, size, 1, 1, false));
        }
        cases.add(new PipelineCase(Work.ESP, USUAL_SIZE, 1, 1, true));
        cases.add(new PipelineCase(Work.CLEAR, SIZES[0], 1, 1, true));
        for (int endpoints : ENDPOINTS) {
            cases.add(new PipelineCase(Work.CLEAR, SIZES[0], 1, endpoints, false));
            cases.add(new PipelineCase(Work.ESP, USUAL_SIZE, 1, endpoints, false));
        }
        for (int flows : FLOWS) {
            if (flows > 1) {
                cases.add(new PipelineCase(Work.CLEAR, SIZES[0], flows, 1, false));
            }
            cases.add(new PipelineCase(Work.VIP, SIZES[0], flows, 10, false));
        }
        return cases;
    }

    static PipelineCase parse(String text) {
        String[] fields = text.split(":");
        return new PipelineCase(Work.valueOf(fields[0].toUpperCase(Locale.ROOT)), Integer.parseInt(fields[1]), Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]), fields[4].equals("cold"));
    }

    @Override
    public String toString() {
        return work.label() + ":" + size + ":" + flows + ":" + endpoints + ":" + (cold ? "cold" : "warm");
    }
}
