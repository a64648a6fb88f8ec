package dev.weft.benchmarks.control;

import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.benchmarks.report.LineChart;
import dev.weft.benchmarks.report.ResultTable;
import dev.weft.benchmarks.report.Series;
import dev.weft.dpdk.table.TableEditor;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What one change costs a node among 100 to 100,000 endpoints of a network: from the store's entry to the tables of a user-space data
 * path, and to the kernel's; and what it would cost to make all of it from nothing. Prints a table, and writes it as JSON and as a
 * chart. Argument: a directory for them. The kernel's part needs root.
 */
public final class ChangeBenchmark {

    private static final int[] SIZES = {100, 1_000, 10_000, 100_000};
    private static final List<String> COLUMNS = List.of("endpoints", "state, us", "tables, us", "state and tables, 99th us", "kernel, us",
            "all: state and tables, us", "all: kernel, us");
    /** Even, so that the endpoint is gone again at the end. */
    private static final int WARM_UP = 4_000;
    private static final int CHANGES = 2_000;
    private static final int KERNEL_CHANGES = 200;
    private static final int FULL = 5;

    private ChangeBenchmark() {
    }

    /** @param directory for the results */
    public static void run(Path directory) throws IOException, InterruptedException {
        boolean kernel = Capability.NET_ADMIN.isEffective();
        if (!kernel) {
            System.err.println("left out: the kernel's part, which makes a network namespace and needs root");
        }
        for (int i = 0; i < 3; i++) { // until it is compiled
            ChangedCluster cluster = new ChangedCluster(SIZES[1]);
            userSpace(cluster);
            if (kernel) {
                kernel(cluster);
            }
        }
        List<List<Object>> rows = new ArrayList<>();
        for (int size : SIZES) {
            ChangedCluster cluster = new ChangedCluster(size);
            List<Object> row = new ArrayList<>(List.of(size));
            row.addAll(userSpace(cluster));
            List<Object> inKernel = kernel ? kernel(cluster) : List.of("-", "-");
            row.add(inKernel.getFirst());
            row.add(median(FULL, () -> Tables.of(cluster.stateFromNothing(), id -> id.isGateway() ? 2 : 1)));
            row.add(inKernel.getLast());
            rows.add(row);
            System.err.println("measured " + size + " endpoints");
        }
        write(directory, new ResultTable(COLUMNS, rows));
    }

    /** Median of the state, median of the tables, and the 99th percentile of both together. */
    private static List<Object> userSpace(ChangedCluster cluster) {
        TableEditor editor = new TableEditor();
        editor.apply(cluster.state(), id -> id.isGateway() ? 2 : 1, Set.of(), List.of());
        long[] state = new long[CHANGES];
        long[] tables = new long[CHANGES];
        long[] both = new long[CHANGES];
        for (int i = -WARM_UP; i < CHANGES; i++) {
            long begin = System.nanoTime();
            DataPathState next = cluster.change();
            long computed = System.nanoTime();
            editor.apply(next, id -> id.isGateway() ? 2 : 1, Set.of(), List.of());
            long applied = System.nanoTime();
            if (i >= 0) {
                state[i] = computed - begin;
                tables[i] = applied - computed;
                both[i] = applied - begin;
            }
        }
        return List.of(percentile(state, 50), percentile(tables, 50), percentile(both, 99));
    }

    /** Median of a change, and of looking at everything. */
    private static List<Object> kernel(ChangedCluster cluster) throws IOException, InterruptedException {
        try (KernelHost host = new KernelHost()) {
            DataPath path = host.path();
            path.apply(cluster.state());
            double change = median(KERNEL_CHANGES, () -> path.apply(cluster.change()));
            return List.of(change, median(FULL, () -> path.apply(cluster.state())));
        }
    }

    private static double median(int times, Runnable work) {
        long[] nanos = new long[times];
        for (int i = 0; i < times; i++) {
            long begin = System.nanoTime();
            work.run();
            nanos[i] = System.nanoTime() - begin;
        }
        return percentile(nanos, 50);
    }

    /** In microseconds. */
    private static double percentile(long[] nanos, int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return Math.round(sorted[sorted.length * percent / 100] / 100.0) / 10.0;
    }

    private static void write(Path directory, ResultTable table) throws IOException {
        System.out.print(table.markdown());
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("control-change.json"), table.json());
        List<Series> curves = new ArrayList<>();
        for (int column = 1; column < COLUMNS.size(); column++) {
            List<Series.Point> points = new ArrayList<>();
            for (List<Object> row : table.rows()) {
                if (row.get(column) instanceof Double micros) {
                    points.add(new Series.Point(((Integer) row.getFirst()).doubleValue(), Math.max(micros, 0.1)));
                }
            }
            if (!points.isEmpty()) {
                curves.add(new Series(COLUMNS.get(column).replace(", us", "").replace(" us", ""), points));
            }
        }
        Files.writeString(directory.resolve("control-change.svg"), new LineChart("One change among so many endpoints of a network",
                new LineChart.Label("endpoints", true), new LineChart.Label("microseconds", true)).svg(curves));
    }
}
