package dev.weft.mesh.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SystemSchedulerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Scheduler scheduler = new SystemScheduler();
    private final Monitor monitor = scheduler.monitor();
    private final List<String> done = new CopyOnWriteArrayList<>();

    private void write(String task) {
        monitor.change(() -> done.add(task));
    }

    @Test
    void shouldRunTasksInTheOrderInWhichTheyAreDue() throws Exception {
        try (Worker worker = scheduler.worker("test")) {
            worker.schedule(() -> write("late"), 50);
            worker.schedule(() -> write("first"), 0);
            worker.schedule(() -> write("second"), 0);
            assertTrue(monitor.await(() -> done.size() == 3, PATIENCE));
        }
        assertEquals(List.of("first", "second", "late"), done);
    }

    @Test
    void shouldGoOnAfterATaskThatFailed() throws Exception {
        try (Worker worker = scheduler.worker("test")) {
            worker.schedule(() -> {
                throw new IllegalStateException("a bug, as the test wants it");
            }, 0);
            worker.schedule(() -> write("next"), 0);
            assertTrue(monitor.await(() -> done.equals(List.of("next")), PATIENCE));
        }
    }

    @Test
    void shouldLetATaskEndAndDropTheOthersWhenItIsClosed() throws Exception {
        Worker worker = scheduler.worker("test");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        worker.schedule(() -> {
            begun.countDown();
            awaitUninterrupted(mayEnd);
            write("under way");
        }, 0);
        worker.schedule(() -> write("dropped"), 1);
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        Thread closing = Thread.ofPlatform().start(worker::close);
        mayEnd.countDown();
        closing.join();
        worker.schedule(() -> write("too late"), 0);
        worker.close();
        assertEquals("under way", done.getFirst());
        assertFalse(done.contains("too late"));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("close does not interrupt", e);
        }
    }

    @Test
    void shouldInterruptWhatIsUnderWay() throws Exception {
        Worker worker = scheduler.worker("test");
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        worker.schedule(() -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        }, 0);
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        worker.interrupt();
        assertTrue(interrupted.get());
    }

    @Test
    void shouldEndAWaitWithTimeOrWithWhatTheConditionThrows() throws Exception {
        assertFalse(monitor.await(() -> false, Duration.ofMillis(20)));
        assertThrows(IllegalStateException.class, () -> monitor.await(() -> {
            throw new IllegalStateException("closed, as the test wants it");
        }, PATIENCE));
    }
}
