package dev.weft.benchmarks.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One of the two processes of a fork: runs on when it is given its turn, until it asks for the next one or ends. */
final class Side implements AutoCloseable {

    private final List<String> command;
    private final Figures figures;
    private final Process process;
    private final BufferedReader output;
    private final OutputStream input;
    private final StringBuilder written = new StringBuilder();

    /** @param figures take what it has measured */
    Side(List<String> command, Figures figures) throws IOException {
        this.command = command;
        this.figures = figures;
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        input = process.getOutputStream();
    }

    void giveTurn() throws IOException {
        input.write('\n');
        input.flush();
    }

    /** @return whether it wants another turn; false when it is done @throws IOException if it failed, with what it wrote */
    boolean wantsTurn() throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(Forks.TURN)) {
                return true;
            }
            figures.take(line);
            written.append(line).append('\n');
        }
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + written);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return false;
    }

    /** Ends it, if it has not ended. */
    @Override
    public void close() {
        process.destroy();
    }
}
