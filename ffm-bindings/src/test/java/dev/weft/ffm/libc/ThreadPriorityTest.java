package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ThreadPriorityTest {

    private static final int BEFORE_NICE = 16;

    /** As the kernel says it: field 19 of proc_pid_stat(5), the 17th behind the name. */
    private static int nice() throws IOException {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[BEFORE_NICE]);
    }

    @Test
    void shouldBeOfTheCallingThreadAlone() throws Exception {
        int all = nice();
        try (var other = Executors.newSingleThreadExecutor()) {
            other.submit(() -> {
                ThreadPriority priority = new ThreadPriority();
                assertEquals(0, priority.nice(all + 5));
                assertEquals(all + 5, nice());
                assertEquals(all + 5, priority.nice());
                return null;
            }).get();
        }
        assertEquals(all, nice());
        assertEquals(all, new ThreadPriority().nice());
    }
}
