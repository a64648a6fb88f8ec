package dev.weft.mesh.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.mesh.schedule.Monitor;
import dev.weft.mesh.schedule.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {

    private final VirtualTime time = new VirtualTime();
    private final Process process = new Process(time);
    private final List<String> log = new ArrayList<>();

    private void write(String what) {
        log.add(time.micros() / 1_000 + " " + what);
    }

    @Test
    void shouldRunWhatIsDueInOrderAndWaitForNobody() {
        time.after(Duration.ofDays(30).toNanos() / 1_000, () -> write("in a month"));
        time.after(2_000, () -> write("late"));
        time.after(1_000, () -> write("first"));
        time.after(1_000, () -> write("second"));
        time.run(Duration.ofDays(29));
        assertEquals(List.of("1 first", "1 second", "2 late"), log);
        assertEquals(Duration.ofDays(29).toNanos() / 1_000, time.micros());
    }

    @Test
    void shouldLetFibersWaitByItsClock() {
        for (String name : List.of("a", "b")) {
            process.spawn(() -> {
                write(name + " begins");
                time.sleep(name.equals("a") ? 20_000 : 10_000);
                write(name + " ends");
            });
        }
        time.run(Duration.ofSeconds(1));
        assertEquals(List.of("0 a begins", "0 b begins", "10 b ends", "20 a ends"), log);
    }

    @Test
    void shouldWakeThoseWhoWaitForAChangeAndNoOthers() {
        Monitor monitor = process.monitor();
        boolean[] so = new boolean[1];
        process.spawn(() -> write("saw it: " + awaits(monitor, so, Duration.ofSeconds(5))));
        process.spawn(() -> write("gave up: " + awaits(monitor, new boolean[1], Duration.ofSeconds(2))));
        time.after(1_000_000, () -> monitor.change(() -> so[0] = true));
        time.run(Duration.ofSeconds(10));
        assertEquals(List.of("1000 saw it: true", "2000 gave up: false"), log);
    }

    private static boolean awaits(Monitor monitor, boolean[] so, Duration patience) {
        try {
            return monitor.await(() -> so[0], patience);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldLetTheOwnerOfTheLoopWaitToo() {
        Monitor monitor = process.monitor();
        boolean[] so = new boolean[1];
        time.after(1_000_000, () -> monitor.change(() -> so[0] = true));
        assertTrue(awaits(monitor, so, Duration.ofSeconds(5)));
        assertEquals(1_000_000, time.micros());
        assertFalse(awaits(monitor, new boolean[1], Duration.ofSeconds(5)));
        assertEquals(6_000_000, time.micros());
    }

    @Test
    void shouldRunAWorkersTasksOneAtATime() {
        Worker worker = process.worker("test");
        for (String name : List.of("a", "b")) {
            worker.schedule(() -> {
                time.sleep(10_000);
                write(name);
            }, 0);
        }
        worker.schedule(() -> write("c"), 5);
        time.run(Duration.ofMillis(17));
        process.spawn(() -> {
            worker.close();
            write("closed");
        });
        worker.schedule(() -> write("too late"), 1);
        time.run(Duration.ofSeconds(1));
        assertEquals(List.of("11 a", "22 b", "22 closed"), log);
    }

    @Test
    void shouldEndAllThatRunsInAProcessThatIsKilled() {
        Worker worker = process.worker("test");
        process.spawn(() -> {
            try {
                time.sleep(10_000);
                write("not reached");
            } finally {
                write("unwound");
            }
        });
        worker.schedule(() -> write("not reached either"), 8);
        time.after(5_000, process::kill);
        time.run(Duration.ofSeconds(1));
        assertEquals(List.of("5 unwound"), log);
    }

    @Test
    void shouldFailWhenSomethingInItFails() {
        IllegalStateException bug = new IllegalStateException("a bug, as the test wants it");
        process.worker("test").schedule(() -> {
            throw bug;
        }, 0);
        assertSame(bug, assertThrows(AssertionError.class, () -> time.run(Duration.ofSeconds(1))).getCause());
    }
}
