package dev.weft.ffm.libc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Names under /run/netns whose namespaces are gone. {@code ip netns exec} gives what it starts mounts of its own, so a namespace that such a
 * process made is mounted for it and its children alone. To all others the name is an empty file, and it stays one when they are killed: the kernel
 * takes the mounts away, and the file, which all see, is nobody's. A name that a living process has mounted has to stay: to unlink it would take
 * the mount away from that process too.
 */
public final class DeadNames {

    private static final Path PROC = Path.of("/proc");
    /** The inode of the first PID namespace (PROC_PID_INIT_INO): who is in another one does not see all processes. */
    private static final String ALL_PROCESSES = "pid:[4026531836]";
    /** The mount point, in a line of mountinfo (proc_pid_mountinfo(5)). */
    private static final int MOUNT_POINT = 4;
    /** Counted from what comes after the name of the command, in proc_pid_stat(5). */
    private static final int FLAGS = 6;
    private static final long PF_EXITING = 4;

    private DeadNames() {
    }

    /**
     * Removes them; none when this process cannot know who has what mounted.
     *
     * @param which whether a name is one to look at
     * @return what was removed
     */
    public static List<String> remove(Predicate<String> which) {
        if (notMounted(which).isEmpty()) {
            return List.of();
        }
        try (NamesLock locked = NamesLock.take()) {
            Set<String> mounted = mountedByAnybody();
            List<String> dead = notMounted(which).stream().filter(name -> !mounted.contains(name)).toList();
            dead.forEach(NetworkNamespace::delete);
            return dead;
        } catch (IOException e) {
            return List.of();
        }
    }

    /** For this process. */
    private static List<String> notMounted(Predicate<String> which) {
        return NetworkNamespace.names().stream().filter(which).filter(name -> !NetworkNamespace.exists(name)).toList();
    }

    /**
     * The last part of each mount point of each process: what is /run/netns to us may be another path to it.
     *
     * @throws IOException if not all can be known
     */
    private static Set<String> mountedByAnybody() throws IOException {
        if (!Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString().equals(ALL_PROCESSES)) {
            throw new IOException("this process is in a PID namespace of its own");
        }
        Set<String> names = new HashSet<>();
        for (Path process : children(PROC, "[0-9]+")) {
            mountPoints(process).forEach(mountPoint -> names.add(mountPoint.substring(mountPoint.lastIndexOf('/') + 1)));
        }
        return names;
    }

    private static List<Path> children(Path directory, String names) throws IOException {
        try (var all = Files.list(directory)) {
            return all.filter(path -> path.getFileName().toString().matches(names)).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** None of a process that has ended, whether or not its parent knows. */
    private static List<String> mountPoints(Path process) throws IOException {
        try {
            return Files.readAllLines(process.resolve("mountinfo")).stream().map(line -> line.split(" ")[MOUNT_POINT]).toList();
        } catch (IOException e) {
            if (hasEnded(process)) {
                return List.of();
            }
            throw e;
        }
    }

    /** All its threads: the first may end before the others. */
    private static boolean hasEnded(Path process) throws IOException {
        List<Path> threads;
        try {
            threads = children(process.resolve("task"), "[0-9]+");
        } catch (NoSuchFileException e) {
            return true;
        }
        for (Path thread : threads) {
            if (!isExiting(thread)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isExiting(Path thread) throws IOException {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return (Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[FLAGS]) & PF_EXITING) != 0;
        } catch (NoSuchFileException e) {
            return true;
        }
    }
}
