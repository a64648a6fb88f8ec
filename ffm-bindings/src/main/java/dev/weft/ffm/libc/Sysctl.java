package dev.weft.ffm.libc;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Settings of the kernel's network stack, in the namespace of the calling thread: /proc/sys/net shows that one's. */
public final class Sysctl {

    private static final Path NET = Path.of("/proc/sys/net");

    private Sysctl() {
    }

    /** Whether this kernel has a setting of that name. */
    public static boolean exists(String name) {
        return Files.exists(NET.resolve(name));
    }

    /**
     * Writes a setting, unless it is so already.
     *
     * @param name below /proc/sys/net: {@code ipv4/ip_forward}
     * @throws WeftException.DataPathFailed if it cannot be written
     */
    public static void set(String name, String value) {
        Path path = NET.resolve(name);
        try {
            if (!Files.readString(path).strip().equals(value)) {
                Files.writeString(path, value);
            }
        } catch (IOException e) {
            throw new WeftException.DataPathFailed("cannot set " + path + " to " + value + ": " + e.getMessage(), e);
        }
    }
}
