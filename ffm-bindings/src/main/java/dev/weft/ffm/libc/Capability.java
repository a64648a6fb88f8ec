package dev.weft.ffm.libc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux lets a process do (capabilities(7)), as far as Weft needs it. */
public enum Capability {
    NET_ADMIN(12),
    NET_RAW(13),
    SYS_ADMIN(21);

    private static final String EFFECTIVE = "CapEff:";

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** True when the calling thread has it now; false where there are no capabilities. */
    public boolean isEffective() {
        try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
            return lines.filter(line -> line.startsWith(EFFECTIVE)).map(line -> line.substring(EFFECTIVE.length()).strip())
                    .anyMatch(hex -> (Long.parseUnsignedLong(hex, 16) & 1L << bit) != 0);
        } catch (IOException e) {
            return false;
        }
    }
}
