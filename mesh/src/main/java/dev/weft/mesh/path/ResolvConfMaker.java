package dev.weft.mesh.path;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who made a resolv.conf, as its first line says.
 *
 * @param pid          of the node's process
 * @param since        milliseconds, when that process began: the number may be another's by now
 * @param directoryToo whether the directory of the file was made with it
 */
record ResolvConfMaker(String node, String nodeId, long pid, long since, boolean directoryToo) {

    private static final String BEGINNING = "# Made by Weft, and removed when the endpoint is detached: node ";
    private static final String DIRECTORY_TOO = ", directory too";
    private static final Pattern LINE = Pattern.compile(Pattern.quote(BEGINNING)
            + "(\\S+), id (\\S+), process (\\d{1,18}) since (\\d{1,18})(" + DIRECTORY_TOO + ")?");
    /** The kernel's idea of when it booted moves with the clock, and the start of processes with it. */
    private static final Duration INACCURACY = Duration.ofSeconds(5);

    static ResolvConfMaker here(String node, String nodeId) {
        ProcessHandle process = ProcessHandle.current();
        return new ResolvConfMaker(node, nodeId, process.pid(), process.info().startInstant().map(Instant::toEpochMilli).orElse(0L), false);
    }

    static Optional<ResolvConfMaker> parse(String line) {
        Matcher parts = LINE.matcher(line);
        return parts.matches() ? Optional.of(new ResolvConfMaker(parts.group(1), parts.group(2), Long.parseLong(parts.group(3)),
                Long.parseLong(parts.group(4)), parts.group(5) != null)) : Optional.empty();
    }

    String line() {
        return BEGINNING + node + ", id " + nodeId + ", process " + pid + " since " + since + (directoryToo ? DIRECTORY_TOO : "");
    }

    ResolvConfMaker withDirectory(boolean too) {
        return new ResolvConfMaker(node, nodeId, pid, since, too);
    }

    /** Whether it is another node, which runs. */
    boolean isAnotherOf(ResolvConfMaker self) {
        return !(nodeId.equals(self.nodeId) && pid == self.pid) && isRunning();
    }

    private boolean isRunning() {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .filter(start -> Math.abs(start.toEpochMilli() - since) < INACCURACY.toMillis()).isPresent();
    }
}
