package dev.weft.ffm.dpdk;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * DPDK's environment abstraction layer: once in a process, for ever (a second rte_eal_init fails, even after a clean-up), so all
 * nodes of a JVM share it. Memory is anonymous: nothing of it is left in a file system, whatever ends the process. Thread-safe.
 */
public final class Eal {

    private static final Path FREE_HUGE_PAGES = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
    /** 128 MB of 2 MB pages. */
    private static final int ENOUGH_HUGE_PAGES = 64;
    private static final int MEMORY_WITHOUT_HUGE_PAGES_MB = 256;
    private static final int LOG_ERRORS = 4;

    private static Eal started;
    private static WeftException refused;

    private final DpdkLibraries libraries;
    private final String memory;
    private final MethodHandle hotplugAdd;
    private final MethodHandle hotplugRemove;

    private Eal(DpdkLibraries libraries, String memory) {
        this.libraries = libraries;
        this.memory = memory;
        FunctionDescriptor three = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        FunctionDescriptor two = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        hotplugAdd = libraries.function("rte_eal_hotplug_add", three);
        hotplugRemove = libraries.function("rte_eal_hotplug_remove", two);
    }

    /**
     * Starts it, or says that it has been; then proves by a loopback that the layouts are right.
     *
     * @throws WeftException.DataPathUnavailable if DPDK is not installed, not known, or does not start; at each call
     */
    public static synchronized Eal start() {
        if (refused != null) {
            throw refused;
        }
        if (started == null) {
            try {
                DpdkLibraries libraries = DpdkLibraries.load();
                boolean huge = freeHugePages() >= ENOUGH_HUGE_PAGES;
                init(libraries, arguments(huge));
                removeRuntimeDirectory();
                Eal eal = new Eal(libraries, huge ? "huge pages" : "no huge pages (fewer than " + ENOUGH_HUGE_PAGES + " of 2 MB are free)");
                LoopbackSelfTest.run(eal);
                started = eal;
            } catch (WeftException e) {
                refused = e;
                throw e;
            }
        }
        return started;
    }

    private static List<String> arguments(boolean huge) {
        List<String> arguments = new ArrayList<>(List.of("weft", "--no-telemetry", "--iova-mode=va",
                "--log-level=" + LOG_ERRORS, "--log-level=lib.eal:" + LOG_ERRORS, "-l", Integer.toString(firstCpu()),
                // No PCI device is taken unasked; one that is named later is plugged in then.
                "-a", "0000:00:00.0"));
        // --no-huge implies the legacy memory model, which --in-memory cannot have; its memory is anonymous anyway.
        arguments.addAll(huge ? List.of("--in-memory")
                : List.of("--no-huge", "--no-shconf", "-m", Integer.toString(MEMORY_WITHOUT_HUGE_PAGES_MB)));
        return arguments;
    }

    private static int freeHugePages() {
        try {
            return Integer.parseInt(Files.readString(FREE_HUGE_PAGES).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** A CPU that this process may run on. */
    private static int firstCpu() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Cpus_allowed_list:")).map(line -> line.replaceAll("\\D*(\\d+).*", "$1"))
                    .mapToInt(Integer::parseInt).findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** On a thread of its own, which ends: {@code -l} pins the caller, and what it starts inherits that. */
    private static void init(DpdkLibraries libraries, List<String> arguments) {
        FutureTask<Integer> task = new FutureTask<>(() -> {
            MethodHandle init = libraries.function("rte_eal_init",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
            // EAL keeps pointers into the arguments.
            Arena forever = Arena.global();
            MemorySegment array = forever.allocate(ValueLayout.ADDRESS, arguments.size() + 1L);
            for (int i = 0; i < arguments.size(); i++) {
                array.setAtIndex(ValueLayout.ADDRESS, i, forever.allocateFrom(arguments.get(i)));
            }
            try {
                return (int) init.invokeExact(arguments.size(), array);
            } catch (Throwable e) {
                throw new AssertionError("a downcall threw", e);
            }
        });
        Thread.ofPlatform().name("weft-eal").daemon().start(task);
        try {
            int parsed = uninterrupted(task);
            if (parsed < 0) {
                throw new WeftException.DataPathUnavailable("DPDK's EAL does not start with " + String.join(" ", arguments)
                        + "; what it wrote to stderr says why");
            }
        } catch (ExecutionException e) {
            throw new WeftException.DataPathUnavailable("DPDK's EAL does not start: " + e.getCause(), e.getCause());
        }
    }

    /** It starts once or never: who is interrupted meanwhile would have it refused to all others, for ever. */
    private static int uninterrupted(FutureTask<Integer> task) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** EAL makes a directory for files that it then, without shared configuration, does not write. */
    private static void removeRuntimeDirectory() {
        String user = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/tmp");
        for (Path parent : List.of(Path.of("/run/dpdk"), Path.of(user, "dpdk"))) {
            for (Path directory : List.of(parent.resolve("rte"), parent)) {
                try {
                    Files.deleteIfExists(directory);
                } catch (IOException _) {
                    // Not empty: another DPDK process lives there.
                }
            }
        }
    }

    DpdkLibraries libraries() {
        return libraries;
    }

    public DpdkAbi abi() {
        return libraries.abi();
    }

    /**
     * Makes the calling thread known to DPDK, so that what drivers take and free on it goes through a cache of its own in each pool, without a
     * lock. There is room for 128 threads; one that is too many, or that is known already, goes on without.
     */
    public void registerThread() {
        try {
            int ignored = (int) libraries.function("rte_thread_register", FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** The calling thread ends. What is left in its caches goes with their pools. */
    public void unregisterThread() {
        try {
            libraries.function("rte_thread_unregister", FunctionDescriptor.ofVoid()).invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** What its memory is, in words. */
    public String memory() {
        return memory;
    }

    /**
     * Plugs a device in. A driver that opens a kernel interface does so in the network namespace of the calling thread.
     *
     * @param bus  {@code vdev} or {@code pci}
     * @param name {@code net_ring0} or {@code 0000:01:00.0}, say
     * @throws WeftException.DataPathUnavailable if the driver refuses
     */
    public void plug(String bus, String name, String arguments) {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) hotplugAdd.invokeExact(arena.allocateFrom(bus), arena.allocateFrom(name), arena.allocateFrom(arguments));
            if (result < 0) {
                throw new WeftException.DataPathUnavailable("DPDK cannot open " + name + (arguments.isEmpty() ? "" : " with " + arguments)
                        + " (error " + -result + "); see what its driver wrote to stderr");
            }
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Takes a device out again; nothing happens when it is not there. */
    public void unplug(String bus, String name) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) hotplugRemove.invokeExact(arena.allocateFrom(bus), arena.allocateFrom(name));
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }
}
