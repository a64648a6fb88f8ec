package dev.weft.benchmarks.peers;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import dev.weft.benchmarks.report.BarChart;
import dev.weft.benchmarks.report.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;

/**
 * Weft beside others that carry packets between two containers, on this machine, one after the other in each round. Arguments: where
 * JSON and chart go, rounds (3), seconds for each measurement (2), {@code single} for a wire that carries each datagram by itself, and then
 * words of the names of those wanted (all).
 */
public final class PeersReport {

    private static final List<String> COLUMNS = List.of("carried by", "TCP, 1 stream (Gbit/s)", "4 streams (Gbit/s)", "CPU seconds a Gbit",
            "64-byte packets a second, flood", "lossless", "1300-byte, flood", "lossless", "round trip, median (us)", "99 % (us)",
            "idle, % of a core a node");
    private static final int SMALL = 64;
    private static final int LARGE = 1300;
    /** For the JIT compiler; the code is the same in later rounds. */
    private static final int FIRST_WARM_UPS = 2;

    private PeersReport() {
    }

    /** Whether there is a rival that has the words in its name. */
    public static boolean isRival(String words) {
        return !named(words).isEmpty();
    }

    /** Names of the rivals that have the words in them. */
    static List<String> named(String words) {
        return rivals(false).stream().map(Rival::name).filter(name -> hasWords(name, words)).toList();
    }

    /** Whole ones, next to each other: "wireguard" is a word of "wireguard-go", and "wire" is none. */
    private static boolean hasWords(String name, String words) {
        return Pattern.compile("(?<!\\w)" + Pattern.quote(words) + "(?!\\w)", Pattern.CASE_INSENSITIVE).matcher(name).find();
    }

    /**
     * @param directory for the results
     * @param seconds   for each measurement
     * @param single    whether the wire carries single datagrams
     * @param wanted    words of names of rivals; none: all
     */
    public static void run(Path directory, int rounds, int seconds, boolean single, List<String> wanted) throws IOException {
        Ending ending = Ending.of(Thread.currentThread());
        Map<String, List<double[]>> measured = new LinkedHashMap<>();
        try {
            for (int round = 0; round < rounds; round++) {
                for (Rival rival : rivals(single)) {
                    if (wanted.isEmpty() || wanted.stream().anyMatch(words -> hasWords(rival.name(), words))) {
                        measure(rival, seconds, round == 0 ? FIRST_WARM_UPS : 1, ending)
                                .ifPresent(figures -> measured.computeIfAbsent(rival.name(), name -> new ArrayList<>()).add(figures));
                    }
                }
            }
        } catch (CancellationException e) {
            System.err.println(e.getMessage());
            return;
        }
        write(measured, rounds, single, directory);
    }

    private static void write(Map<String, List<double[]>> measured, int rounds, boolean single, Path directory) throws IOException {
        ResultTable table = new ResultTable(COLUMNS, measured.entrySet().stream().map(PeersReport::medians).toList());
        System.out.println(LocalDate.now() + ", " + Runtime.getRuntime().availableProcessors() + " processors, Linux "
                + System.getProperty("os.version")
                + ", Java " + Runtime.version() + ", wire of MTU 1500 " + (single ? "without TSO, GSO and GRO" : "as a veth is")
                + ", TCP " + Load.CONGESTION_CONTROL + ", medians of " + rounds + "\n\n" + table.markdown());
        String name = single ? "peers-single" : "peers";
        Files.writeString(directory.resolve(name + ".json"), table.json());
        Files.writeString(directory.resolve(name + ".svg"), new BarChart("TCP between two containers, one stream, Gbit/s").svg(
                table.rows().stream().map(row -> new BarChart.Bar((String) row.getFirst(), (double) row.get(1))).toList()));
    }

    private static List<Rival> rivals(boolean single) {
        Optional<Cipher> aes = Optional.of(Cipher.AES_128_GCM);
        PipelineSpec fused = PipelineSpec.DEFAULT;
        return List.of(new WireRival(single), new VxlanRival(single), new BridgedVxlanRival(single),
                new WeftRival(DataPathKind.KERNEL, Optional.empty(), single),
                new WeftRival(DataPathKind.SOCKET, Optional.empty(), single), new WeftRival(DataPathKind.SOCKET, aes, single),
                new WeftRival(DataPathKind.SOCKET, aes, Optional.empty(), new PipelineSpec(0, true), single),
                new WeftRival(DataPathKind.DPDK, Optional.empty(), single), new WeftRival(DataPathKind.DPDK, aes, single),
                new WeftRival(DataPathKind.DPDK, Optional.empty(), Optional.of("af_xdp"), fused, single),
                new WeftRival(DataPathKind.DPDK, aes, Optional.of("af_xdp"), fused, single),
                new OvsRival(single), new NebulaRival(single), new WireguardRival(single));
    }

    /** Figures by column; nothing when the rival fails, which is said: the others are measured all the same. */
    private static Optional<double[]> measure(Rival rival, int seconds, int warmUps, Ending ending) {
        ending.check();
        try (rival) {
            rival.open();
            Load load = new Load(rival, seconds, ending);
            for (int warmUp = 0; warmUp < warmUps; warmUp++) {
                load.tcp(1); // for the JIT compiler, and for TCP to know the path
            }
            Load.Stream one = load.tcp(1);
            Load.Stream four = load.tcp(4);
            double[] roundTrips = load.roundTrips();
            double idle = load.idle();
            double small = load.flood(SMALL);
            double large = load.flood(LARGE);
            double[] figures = {one.gbits(), four.gbits(), one.cpu(), small, load.lossless(SMALL, small), large, load.lossless(LARGE, large),
                roundTrips[roundTrips.length / 2], roundTrips[roundTrips.length * 99 / 100], idle};
            System.err.println(rival.name() + " " + Arrays.toString(figures));
            return Optional.of(figures);
        } catch (RuntimeException | AssertionError e) {
            ending.check();
            System.err.println(rival.name() + " is left out: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static List<Object> medians(Map.Entry<String, List<double[]>> measured) {
        List<Object> row = new ArrayList<>(List.of(measured.getKey()));
        for (int column = 0; column < COLUMNS.size() - 1; column++) {
            int at = column;
            row.add(median(measured.getValue().stream().mapToDouble(figures -> figures[at]).toArray()));
        }
        return row;
    }

    /** Of an even number, the mean of the two in the middle. */
    static double median(double... values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
