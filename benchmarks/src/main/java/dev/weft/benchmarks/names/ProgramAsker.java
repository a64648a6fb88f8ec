package dev.weft.benchmarks.names;

import dev.weft.testing.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A program in the container, which reads names, one a line, and prints for each {@code ;NAME} and then a line for each address, its last word;
 * as dig does. It asks for one name after the other.
 */
final class ProgramAsker implements AutoCloseable {

    private final String title;
    private final List<Expected> all;
    private final boolean both;
    private final Process process;
    private final BufferedReader said;

    private ProgramAsker(String title, List<Expected> all, boolean both, String container, String... command) {
        this.title = title;
        this.all = all;
        this.both = both;
        process = Shell.startIn(container, command);
        said = process.inputReader();
    }

    /** One attempt for each name, so that nothing that is lost is hidden. @param option {@code +tcp} or {@code +notcp} */
    static ProgramAsker dig(List<Expected> all, String container, InetAddress server, String option) {
        return new ProgramAsker("dig " + option, all, false, container,
                "dig", "@" + server.getHostAddress(), "-f", "-", "+noall", "+question", "+answer", "+tries=1", "+time=5", option);
    }

    /** The resolver of a JVM that keeps no answers. It asks for both families, of whom the container's resolv.conf names. */
    static ProgramAsker jvm(List<Expected> all, String container) {
        return new ProgramAsker("JVM", all, true, container, Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dsun.net.inetaddr.ttl=0", "-Dsun.net.inetaddr.negative.ttl=0",
                "-cp", System.getProperty("java.class.path"), AskByResolver.class.getName());
    }

    /** Questions on the wire for each name. */
    int questionsPerName() {
        return both ? 2 : 1;
    }

    /** Until it has answered once, so that what its start costs is no part of what is measured. */
    void begin() throws IOException {
        Writer names = process.outputWriter();
        names.append(all.getFirst().name()).append('\n').flush();
        for (String line = said.readLine(); !isAddress(line); line = said.readLine()) {
            if (line == null) {
                throw new IllegalStateException(title + " has ended before it gave an answer");
            }
        }
        for (int more = 1; more < expected(all.getFirst()).size(); more++) {
            said.readLine();
        }
    }

    private static boolean isAddress(String line) {
        return line != null && !line.isEmpty() && !line.startsWith(";");
    }

    /** @param rate of names in a second */
    Tally ask(int rate, int seconds) throws InterruptedException, ExecutionException {
        Tally tally = new Tally(title, rate * seconds, all);
        FutureTask<Void> reading = new FutureTask<>(() -> {
            read(tally);
            return null;
        });
        Thread.ofPlatform().start(reading);
        try (Writer names = process.outputWriter()) {
            Pace pace = new Pace(rate);
            for (int n = 0; n < rate * seconds; n++) {
                pace.await(n);
                names.append(all.get(n % all.size()).name()).append('\n').flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(title + " takes no more names", e);
        }
        reading.get();
        return tally;
    }

    private void read(Tally tally) throws IOException {
        String name = null;
        List<InetAddress> answer = new ArrayList<>();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (isAddress(line)) {
                answer.add(InetAddress.ofLiteral(line.substring(line.lastIndexOf('\t') + 1)));
            } else if (line.startsWith(";") && !line.startsWith(";;")) {
                look(tally, name, answer);
                name = line.substring(1).split("[.]?\t")[0];
                answer.clear();
            }
        }
        look(tally, name, answer);
    }

    /** Names come back in the order in which they were asked, but for those that are lost. */
    private void look(Tally tally, String name, List<InetAddress> answer) {
        if (name != null) {
            String asked = name;
            all.stream().filter(each -> each.name().equals(asked)).findFirst().ifPresentOrElse(
                    expected -> tally.look(expected(expected), expected.shared(), answer), tally::wrong);
        }
    }

    private List<InetAddress> expected(Expected name) {
        List<InetAddress> addresses = new ArrayList<>(name.ipv4());
        addresses.addAll(both ? name.ipv6() : List.of());
        return addresses;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
