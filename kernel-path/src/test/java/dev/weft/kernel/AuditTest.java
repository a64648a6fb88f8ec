package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AuditTest {

    @Test
    void shouldLookAgainUntilItHasSucceeded() throws InterruptedException {
        Iterator<RuntimeException> failures = List.of(new WeftException.DataPathFailed("no memory"), new IllegalStateException("not thought of"))
                .iterator();
        CountDownLatch whole = new CountDownLatch(1);
        try (Audit audit = new Audit("test", () -> {
            if (failures.hasNext()) {
                throw failures.next();
            }
            whole.countDown();
        }, Duration.ofMillis(1))) {
            audit.wanted(true);
            assertTrue(whole.await(60, TimeUnit.SECONDS), "nobody has looked again");
        }
    }
}
