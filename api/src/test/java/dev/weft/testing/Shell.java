package dev.weft.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs the tools that are the oracles of tests. */
public final class Shell {

    private Shell() {
    }

    /** What the command printed, stderr too. @throws AssertionError if it fails */
    public static String run(String... command) {
        Process process = start(command);
        String output = output(process);
        if (exit(process) != 0) {
            throw new AssertionError(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }

    /** What the command printed, whether it failed or not. */
    public static String tryRun(String... command) {
        Process process = start(command);
        String output = output(process);
        exit(process);
        return output;
    }

    /** Words split at spaces. */
    public static String words(String command) {
        return run(command.split(" "));
    }

    /** In a network namespace. */
    public static String in(String namespace, String... command) {
        return run(inside(namespace, command));
    }

    public static Process startIn(String namespace, String... command) {
        return start(inside(namespace, command));
    }

    public static String[] inside(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    public static Process start(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError("cannot run " + command[0], e);
        }
    }

    /** All that a process prints until it ends. */
    public static String output(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int exit(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
