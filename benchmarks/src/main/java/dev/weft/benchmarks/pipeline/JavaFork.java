package dev.weft.benchmarks.pipeline;

import dev.weft.dpdk.esp.GcmEngine;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Java's side: measures cases in a JVM of its own. Arguments: milliseconds for each case, then cases. Writes a line for each figure: case,
 * name of the figure, nanoseconds a packet in the median burst (or bytes, for what is allocated); and {@link Forks#TURN} before each part of a
 * measurement, which begins when a byte comes from standard input.
 */
public final class JavaFork {

    private static final int SMALL = 2048;
    private static final int LARGE = 9216;

    private JavaFork() {
    }

    public static void main(String[] arguments) {
        Eal eal = Eal.start();
        eal.registerThread();
        GcmEngine engine = GcmEngines.choose().engine().orElseThrow();
        MbufPool small = new MbufPool(eal, 8191, SMALL);
        MbufPool large = new MbufPool(eal, 2047, LARGE);
        EthPort endpoint = new EthPort("endpoint", EthDev.open(eal, "vdev", "net_ring_endpoint", "", small.mempool()));
        EthPort wire = new EthPort("wire", EthDev.open(eal, "vdev", "net_ring_wire", "", small.mempool()));
        EthPort sink = new EthPort("sink", EthDev.open(eal, "vdev", "net_null_sink", "size=64", small.mempool()));
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[0]));
        for (String text : Arrays.asList(arguments).subList(1, arguments.length)) {
            PipelineCase wanted = PipelineCase.parse(text);
            MbufPool pool = wanted.size() + 200 > SMALL ? large : small;
            BenchNode near = new BenchNode(0, wanted, pool, engine, wire, endpoint);
            BenchNode far = new BenchNode(1, wanted, pool, engine, wire, sink);
            Measurement measurement = new Measurement(wanted, near, far, pool, endpoint, wire, sink);
            measurement.warmUp();
            measurement.measure(nanos, JavaFork::awaitTurn,
                    (figure, value) -> System.out.printf(Locale.ROOT, "%s\t%s\t%.3f%n", wanted, figure, value));
        }
        System.exit(0); // ports and EAL are this process's alone
    }

    private static void awaitTurn() {
        System.out.println(Forks.TURN);
        System.out.flush();
        try {
            if (System.in.read() < 0) {
                throw new IllegalStateException("nobody says whose turn it is");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
