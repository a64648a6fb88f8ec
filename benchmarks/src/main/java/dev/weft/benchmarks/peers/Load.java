package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is measured of a {@link Rival}: TCP by iperf3, {@link Datagrams}, and round trips by ping, in its containers. */
final class Load {

    /** What distributions use, whatever this machine does. One that paces itself (bbr) is slower through all that shares the processors with it. */
    static final String CONGESTION_CONTROL = "cubic";

    private static final Pattern RECEIVED = Pattern.compile(
            "\"sum_received\":\\s*\\{[^}]*\"bytes\":\\s*([0-9]+)[^}]*\"bits_per_second\":\\s*([0-9.e+]+)");
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
    private static final int PINGS = 1000;
    private static final int NODES = 2;
    /** Of the packets of a probe: one in a thousand is what a scheduler on a shared machine loses. */
    private static final double LOSS = 0.001;
    private static final int PROBES = 6;
    /** A carrier that wastes its time on what it loses under flood may carry more than then arrives. */
    private static final double MORE = 1.5;

    private final Rival rival;
    private final int seconds;
    private final Ending ending;

    Load(Rival rival, int seconds, Ending ending) {
        this.rival = rival;
        this.seconds = seconds;
        this.ending = ending;
    }

    /** @param gbits received, a second @param cpu seconds of the carrying processes for each Gbit received */
    record Stream(double gbits, double cpu) {
    }

    /** Percent of a core that a node uses while nobody sends. */
    double idle() {
        double before = rival.cpuSeconds();
        long begin = System.nanoTime();
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring " + rival.name(), e);
        }
        return 100 * (rival.cpuSeconds() - before) / NODES / ((System.nanoTime() - begin) / 1e9);
    }

    Stream tcp(int streams) {
        double before = rival.cpuSeconds();
        Matcher found = find(RECEIVED, iperf(seconds, "-C", CONGESTION_CONTROL, "-P", "" + streams));
        double used = rival.cpuSeconds() - before;
        return new Stream(Double.parseDouble(found.group(2)) / 1e9, used / (Double.parseDouble(found.group(1)) * 8 / 1e9));
    }

    /** Datagrams of so many bytes that arrive in a second, of as many as can be sent. */
    double flood(int bytes) {
        return datagrams(bytes, 0, seconds).rate();
    }

    /**
     * The most datagrams of so many bytes in a second of which no more than one in a thousand is lost, by halving. What is lost once is tried
     * once more.
     *
     * @param flood what arrives under flood
     */
    double lossless(int bytes, double flood) {
        double best = 0;
        double low = 0;
        double high = flood * MORE;
        for (int probe = 0; probe < PROBES; probe++) {
            double rate = (low + high) / 2;
            Datagrams.Count count = datagrams(bytes, rate, 1);
            count = isComplete(count) ? count : datagrams(bytes, rate, 1);
            if (isComplete(count)) {
                best = Math.max(best, count.rate());
                low = rate;
            } else {
                high = rate;
            }
        }
        return best;
    }

    private static boolean isComplete(Datagrams.Count count) {
        return count.sent() - count.received() <= count.sent() * LOSS;
    }

    /** @param rate in a second; 0: as many as can be sent */
    private Datagrams.Count datagrams(int bytes, double rate, int duration) {
        ending.check();
        try (Datagrams datagrams = new Datagrams(rival.client(), rival.server(), rival.address(), bytes)) {
            return datagrams.run(rate, duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring " + rival.name(), e);
        }
    }

    /** Microseconds there and back, sorted. */
    double[] roundTrips() {
        ending.check();
        String told = Shell.in(rival.client(), "ping", "-c", "" + PINGS, "-i", "0.002", rival.address());
        double[] micros = TIME.matcher(told).results().mapToDouble(result -> Double.parseDouble(result.group(1)) * 1000).toArray();
        Arrays.sort(micros);
        return micros;
    }

    private static Matcher find(Pattern pattern, String json) {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("iperf3 said no figure: " + json);
        }
        return matcher;
    }

    private String iperf(int duration, String... more) {
        ending.check();
        Process server = Shell.startIn(rival.server(), "iperf3", "-s", "-1", "--forceflush");
        try {
            BufferedReader said = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
            String line = said.readLine();
            for (; line != null && !line.contains("listening"); line = said.readLine()) {
                continue; // until it takes connections
            }
            if (line == null) {
                throw new IllegalStateException("iperf3 ended before it took connections");
            }
            String[] command = Arrays.copyOf(new String[] {"iperf3", "-J", "-c", rival.address(), "-t", "" + duration}, 6 + more.length);
            System.arraycopy(more, 0, command, 6, more.length);
            return Shell.in(rival.client(), command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            server.destroy();
            server.onExit().join(); // else the next client may find this one's port, and be reset when it goes
        }
    }
}
