package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Daemons at each host that carry what the host itself sends to the overlay's addresses. */
abstract class DaemonRival extends WireRival {

    private static final double TICKS_A_SECOND = 100;
    private static final int SECONDS_TO_END = 10;

    private final List<Process> daemons = new ArrayList<>();
    private Path directory;

    DaemonRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public void open() {
        super.open();
        try {
            directory = Files.createTempDirectory("weft-peers");
            start(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Shell.tryRun(Shell.inside(client(), "ping", "-q", "-c", "1", "-W", "1", address())).contains(" 0% packet loss")) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(name() + " does not carry a ping: " + daemons.stream().map(Process::info).toList());
            }
        }
    }

    /** Writes what the daemons need, and starts them. */
    abstract void start(Path at) throws IOException;

    void daemon(int host, String... command) throws IOException {
        Process daemon = new ProcessBuilder(Shell.inside(hosts().host(host), command)).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log" + daemons.size()).toFile()).start();
        daemons.add(daemon);
    }

    Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Override
    public String address() {
        return "10.88.0.2";
    }

    @Override
    public double cpuSeconds() {
        return daemons.stream().mapToDouble(DaemonRival::cpuSeconds).sum();
    }

    /** {@code ip netns exec} becomes what it executes. Fields 14 and 15 of /proc/PID/stat, in clock ticks. */
    private static double cpuSeconds(Process daemon) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(daemon.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            for (Process daemon : daemons) {
                daemon.destroy();
                if (!daemon.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                    daemon.destroyForcibly().waitFor();
                }
            }
            daemons.clear();
            if (directory != null) {
                try (Stream<Path> files = Files.walk(directory)) {
                    files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            super.close();
        }
    }
}
