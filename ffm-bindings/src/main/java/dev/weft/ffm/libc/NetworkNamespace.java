package dev.weft.ffm.libc;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A network namespace, held open by a descriptor. Entering one changes a thread for good, so work in it is done by a fresh
 * platform thread that ends with the work.
 */
public final class NetworkNamespace implements AutoCloseable {

    /** Where iproute2 keeps names, and we as well, so that {@code ip netns} shows ours. */
    static final Path NAMES = Path.of("/run/netns");
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final long MS_BIND = 4096;
    private static final long MS_REC = 16384;
    private static final long MS_SHARED = 1 << 20;
    private static final int MNT_DETACH = 2;

    private static final MethodHandle SETNS = Libc.function("setns", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle UNSHARE = Libc.function("unshare", FunctionDescriptor.of(Libc.INT, Libc.INT));
    private static final MethodHandle MOUNT = Libc.function("mount",
            FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.POINTER, Libc.POINTER, Libc.LONG, Libc.POINTER));
    private static final MethodHandle UMOUNT = Libc.function("umount2", FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.INT));

    private final String name;
    private final Descriptor descriptor;
    private volatile boolean closed;

    private NetworkNamespace(String name, Descriptor descriptor) {
        this.name = name;
        this.descriptor = descriptor;
    }

    /** The namespace of the calling thread. */
    public static NetworkNamespace current() {
        return new NetworkNamespace("the node's own", Descriptor.open(OWN.toString(), Descriptor.O_RDONLY));
    }

    /**
     * Opens a namespace.
     *
     * @param nameOrPath a name under /run/netns, or a path such as {@code /proc/123/ns/net}
     * @throws WeftException.NotFound if there is none
     */
    public static NetworkNamespace open(String nameOrPath) {
        Path path = pathOf(nameOrPath);
        if (!isNamespace(path)) {
            throw new WeftException.NotFound("there is no network namespace '" + nameOrPath + "' (looked at " + path
                    + "); make it first, or give the path of one such as /proc/PID/ns/net");
        }
        return new NetworkNamespace(nameOrPath, Descriptor.open(path.toString(), Descriptor.O_RDONLY));
    }

    /** True when a namespace of that name or path is there, and not only what is left of its name. */
    public static boolean exists(String nameOrPath) {
        return isNamespace(pathOf(nameOrPath));
    }

    /**
     * Whether the file is of the kernel's nsfs. The name of a namespace whose mount is gone is an empty ordinary file: a
     * process that {@code ip netns exec} started has mounts of its own, and when it is killed they and the namespace go and
     * the name stays.
     */
    private static boolean isNamespace(Path path) {
        try {
            return Files.exists(path) && Files.getAttribute(path, "unix:dev").equals(Files.getAttribute(OWN, "unix:dev"));
        } catch (IOException e) {
            return false;
        }
    }

    /** All names under /run/netns, those whose namespace is gone too. */
    public static List<String> names() {
        if (!Files.isDirectory(NAMES)) {
            return List.of();
        }
        try (var files = Files.list(NAMES)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new WeftException.DataPathFailed("cannot list " + NAMES + ": " + e.getMessage(), e);
        }
    }

    private static Path pathOf(String nameOrPath) {
        return nameOrPath.contains("/") ? Path.of(nameOrPath) : NAMES.resolve(nameOrPath);
    }

    /**
     * Makes a namespace with a name, as {@code ip netns add} does.
     *
     * @throws WeftException.NameTaken        if there is one of that name
     * @throws WeftException.PrivilegeMissing without CAP_SYS_ADMIN
     */
    public static NetworkNamespace create(String name) {
        try {
            Files.createDirectories(NAMES);
        } catch (IOException e) {
            throw new WeftException.PrivilegeMissing("cannot make " + NAMES + ": " + e.getMessage() + "; run as root", e);
        }
        try (NamesLock locked = NamesLock.take()) {
            return createLocked(name);
        }
    }

    private static NetworkNamespace createLocked(String name) {
        Path path = NAMES.resolve(name);
        if (!isNamespace(path)) {
            delete(name);
        }
        try {
            shareNames();
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            throw new WeftException.NameTaken("there is a network namespace '" + name + "' already", e);
        } catch (IOException e) {
            throw new WeftException.PrivilegeMissing("cannot make " + path + ": " + e.getMessage() + "; run as root", e);
        }
        try {
            onFreshThread(() -> {
                check("unshare a network namespace", call(UNSHARE, CLONE_NEWNET));
                check("bind " + path, mount(OWN.toString(), path.toString(), MS_BIND));
                return null;
            });
            return open(name);
        } catch (RuntimeException e) {
            delete(name);
            throw e;
        }
    }

    /** As iproute2 does: mounts under /run/netns must reach other mount namespaces, or a deleted name stays busy in them. */
    private static void shareNames() {
        String names = NAMES.toString();
        if (mount("", names, MS_SHARED | MS_REC) < 0) {
            check("bind " + names, mount(names, names, MS_BIND | MS_REC));
            check("share " + names, mount("", names, MS_SHARED | MS_REC));
        }
    }

    /**
     * Takes the name away; the namespace goes when nobody uses it any more. Nothing happens when there is none. What umount(2) says is not asked
     * for: EINVAL is a name whose namespace is gone, and after any other error the file is busy.
     */
    public static void delete(String name) {
        Path path = NAMES.resolve(name);
        MemorySegment errno = Libc.newErrno();
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) UMOUNT.invokeExact(errno, arena.allocateFrom(path.toString()), MNT_DETACH);
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new WeftException.DataPathFailed("cannot remove the network namespace '" + name + "': " + e.getMessage(), e);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    public String name() {
        return name;
    }

    /** What tells it from all other namespaces of this machine while it is there, whatever it is called. */
    public long id() {
        try {
            return (long) Files.getAttribute(Path.of("/proc/self/fd/" + fd()), "unix:ino");
        } catch (IOException e) {
            throw new WeftException.DataPathFailed("cannot look at the network namespace '" + name + "': " + e.getMessage(), e);
        }
    }

    /** For RTM_NEWLINK's IFLA_NET_NS_FD. */
    public int fd() {
        return descriptor.number();
    }

    /**
     * Does the work on a thread inside this namespace and returns what it returned; its unchecked exceptions pass.
     *
     * @throws WeftException.DataPathFailed after {@link #close}, when the descriptor's number may be that of another namespace
     */
    public <T> T call(Callable<T> work) {
        if (closed) {
            throw new WeftException.DataPathFailed("the network namespace '" + name + "' cannot be entered: it has been let go of");
        }
        return onFreshThread(() -> {
            check("enter the network namespace '" + name + "'", call(SETNS, descriptor.number(), CLONE_NEWNET));
            return work.call();
        });
    }

    /** Does the work on a thread inside a new namespace without a name, which goes with the thread and with what it leaves open. */
    public static <T> T callInNew(Callable<T> work) {
        return onFreshThread(() -> {
            check("unshare a network namespace", call(UNSHARE, CLONE_NEWNET));
            return work.call();
        });
    }

    /** Of work that nobody waits for any more, what it returns is closed. */
    private static <T> T onFreshThread(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().name("weft-netns").daemon().start(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.thenAccept(NetworkNamespace::letGo);
            throw new WeftException.DataPathFailed("interrupted while working in a network namespace", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new WeftException.DataPathFailed("work in a network namespace failed: " + e.getCause(), e.getCause());
        }
    }

    private static void letGo(Object result) {
        if (result instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception e) { // whom could it be told
                return;
            }
        }
    }

    private static int call(MethodHandle function, int... arguments) {
        MemorySegment errno = Libc.newErrno();
        try {
            int result = arguments.length == 1 ? (int) function.invokeExact(errno, arguments[0])
                    : (int) function.invokeExact(errno, arguments[0], arguments[1]);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static int mount(String source, String target, long flags) {
        MemorySegment errno = Libc.newErrno();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment type = arena.allocateFrom("none");
            int result = (int) MOUNT.invokeExact(errno, arena.allocateFrom(source), arena.allocateFrom(target), type, flags,
                    MemorySegment.NULL);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static void check(String asked, int result) {
        if (result < 0) {
            throw Errno.failure(asked, -result);
        }
    }

    @Override
    public void close() {
        closed = true;
        descriptor.close();
    }
}
