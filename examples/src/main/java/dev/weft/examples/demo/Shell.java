package dev.weft.examples.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs the tools that the demonstration shows the overlay with; the product itself runs none. */
final class Shell {

    private Shell() {
    }

    /** @throws IllegalStateException with what it printed, if the command fails */
    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command[0] + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Runs in a network namespace. */
    static String in(String namespace, String... command) {
        return run(inside(namespace, command).toArray(String[]::new));
    }

    /** Whether a command in a network namespace succeeds. */
    static boolean answers(String namespace, String... command) {
        try {
            in(namespace, command);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Starts in a network namespace; stderr is the demonstration's own unless merged. */
    static Process start(String namespace, String... command) {
        try {
            return new ProcessBuilder(inside(namespace, command)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command[0] + ": " + e.getMessage(), e);
        }
    }

    private static List<String> inside(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all;
    }
}
