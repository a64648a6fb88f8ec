package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.ReadinessWait;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class BalancerThreadTest {

    /** Fails with each of these, and then no more. */
    private static final class FailingWork implements BalancerThread.Work {

        private final List<Throwable> failures = List.of(new IllegalStateException("not thought of"),
                new OutOfMemoryError("unable to create native thread"));
        private final CountDownLatch written = new CountDownLatch(1);
        private int heard;

        @Override
        public int count() {
            return -1; // poll(2) passes it over
        }

        @Override
        public boolean hear() {
            if (heard < failures.size()) {
                Throwable failure = failures.get(heard++);
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) failure;
            }
            return true;
        }

        @Override
        public void write(NetlinkSocket socket) {
            written.countDown();
        }
    }

    @Test
    void shouldGoOnAfterWhateverFailure() throws InterruptedException {
        FailingWork work = new FailingWork();
        try (NetworkNamespace here = NetworkNamespace.current();
                BalancerThread balancer = BalancerThread.start(here, work, OptionalInt.of(-1))) {
            assertTrue(work.written.await(60, TimeUnit.SECONDS), "it works no more");
        }
    }

    @Test
    void shouldLeaveNoDescriptorWhenItCannotBegin() throws IOException {
        ReadinessWait.open().close(); // the classes are there
        NetworkNamespace closed = NetworkNamespace.current();
        closed.close();
        long before = events();
        assertThrows(WeftException.DataPathFailed.class, () -> BalancerThread.start(closed, new FailingWork(), OptionalInt.empty()));
        assertEquals(before, events());
    }

    private static long events() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(Files::isSymbolicLink).filter(BalancerThreadTest::isEvent).count();
        }
    }

    private static boolean isEvent(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("[eventfd]");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
