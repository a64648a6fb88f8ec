package dev.weft.mesh.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.schedule.Monitor;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.schedule.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthKeeperTest {

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final AtomicBoolean storeIsAway = new AtomicBoolean();
    private final Observed scheduler = new Observed();
    private final HealthKeeper keeper = new HealthKeeper("test", new Prober(Optional.empty()), this::tell, System::nanoTime, scheduler);

    /** The machine's, which tells what its tasks threw, and the delays of those that have run. */
    private static final class Observed implements Scheduler {
        private final SystemScheduler machine = new SystemScheduler();
        private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
        private final List<Long> over = new CopyOnWriteArrayList<>();

        @Override
        public Worker worker(String name) {
            Worker worker = machine.worker(name);
            return new Worker() {
                @Override
                public void schedule(Runnable task, long delayMillis) {
                    worker.schedule(() -> run(task, delayMillis), delayMillis);
                }

                @Override
                public void interrupt() {
                    worker.interrupt();
                }

                @Override
                public void close() {
                    worker.close();
                }
            };
        }

        private void run(Runnable task, long delayMillis) {
            try {
                task.run();
            } catch (RuntimeException e) {
                thrown.add(e);
            }
            over.add(delayMillis);
        }

        @Override
        public Monitor monitor() {
            return machine.monitor();
        }
    }

    @AfterEach
    void close() {
        keeper.close();
    }

    private void tell(EndpointRecord endpoint, HealthStatus status) {
        if (storeIsAway.get()) {
            throw new WeftException.ManagerUnreachable("the store is away");
        }
        told.add(endpoint.name() + " " + status.health() + " " + status.reason());
    }

    private static EndpointRecord endpoint(String name, Attachment attachment) {
        return new EndpointRecord("blue", name, "n1", new MacAddress(0x0200_0000_0001L), List.of(InetAddress.getLoopbackAddress()), List.of(),
                attachment);
    }

    private static HealthCheck quick(HealthCheck.Probe probe) {
        return HealthCheck.of(probe).withInterval(Duration.ofMillis(10)).withRetries(2);
    }

    private void awaitTold(String... all) {
        Await.until("told " + List.of(all), () -> told.equals(List.of(all)));
    }

    @Test
    void shouldTellWhatACallbackSaysWhenItChanges() {
        keeper.begin(endpoint("a", new Attachment.InProcess()), quick(new HealthCheck.Callback(() -> switch (told.size()) {
            case 0, 2 -> true;
            case 1 -> false;
            default -> throw new IllegalStateException("out of order");
        })));
        awaitTold("a HEALTHY ", "a UNHEALTHY it says that it is not healthy", "a HEALTHY ", "a UNHEALTHY out of order");
    }

    @Test
    void shouldTellAgainWhenTheStoreIsBackAndOnlyTheNewest() {
        storeIsAway.set(true);
        AtomicBoolean healthy = new AtomicBoolean(true);
        AtomicInteger tries = new AtomicInteger();
        keeper.begin(endpoint("a", new Attachment.InProcess()), quick(new HealthCheck.Callback(() -> {
            tries.incrementAndGet();
            return healthy.get();
        })));
        Await.until("found healthy", () -> tries.get() > 1);
        healthy.set(false);
        int before = tries.get();
        Await.until("found unhealthy", () -> tries.get() > before + 3);
        storeIsAway.set(false);
        awaitTold("a UNHEALTHY it says that it is not healthy");
    }

    @Test
    void shouldCountATryThatDoesNotEndAsAFailure() {
        CountDownLatch never = new CountDownLatch(1);
        keeper.begin(endpoint("a", new Attachment.InProcess()), quick(new HealthCheck.Callback(() -> {
            never.await();
            return true;
        })).withTimeout(Duration.ofMillis(20)).withRetries(1)); // a second try may come before the first one has noticed that it is interrupted
        awaitTold("a UNHEALTHY no answer within 20 ms");
    }

    @Test
    void shouldNotTryOnceItHasEnded() {
        AtomicInteger tries = new AtomicInteger();
        EndpointRecord a = endpoint("a", new Attachment.InProcess());
        keeper.begin(a, quick(new HealthCheck.Callback(() -> tries.incrementAndGet() > 0)));
        Await.until("tried", () -> tries.get() > 1);
        keeper.end(a);
        AtomicInteger others = new AtomicInteger();
        keeper.begin(endpoint("b", new Attachment.InProcess()), quick(new HealthCheck.Callback(() -> others.incrementAndGet() > 0)));
        Await.until("b is tried, and a not any more", () -> others.get() > 0);
        int last = tries.get();
        Await.until("b is tried again", () -> others.get() > 20);
        assertTrue(tries.get() <= last + 1, "one try may have been under way");
    }

    /** The try's end finds nobody who counts it, and its time is over later. */
    @Test
    void shouldLetATryBeThatAnEndpointsEndHasInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        EndpointRecord a = endpoint("a", new Attachment.InProcess());
        keeper.begin(a, quick(new HealthCheck.Callback(() -> {
            begun.countDown();
            try {
                return new CountDownLatch(1).await(1, TimeUnit.HOURS);
            } finally {
                ended.countDown();
            }
        })).withTimeout(Duration.ofMillis(250)));
        Await.until("it is tried", () -> begun.getCount() == 0);
        keeper.end(a);
        Await.until("the try has ended", () -> ended.getCount() == 0);
        Await.until("its time is over", () -> scheduler.over.contains(250L));
        assertEquals(List.of(), scheduler.thrown);
        assertEquals(List.of(), told);
    }

    @Test
    void shouldTryAgainAfterACallbackThatThrewAnError() {
        keeper.begin(endpoint("a", new Attachment.InProcess()), quick(new HealthCheck.Callback(() -> {
            if (told.isEmpty()) {
                throw new AssertionError("not yet");
            }
            return true;
        })).withTimeout(Duration.ofSeconds(30)).withRetries(1));
        awaitTold("a UNHEALTHY not yet", "a HEALTHY ");
    }

    @Test
    void shouldProbeByTcpWhatListensOrNot() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            keeper.begin(endpoint("a", new Attachment.HostInterface("weft0")), quick(new HealthCheck.Tcp(listener.getLocalPort())));
            awaitTold("a HEALTHY ");
        }
        awaitTold("a HEALTHY ", "a UNHEALTHY Connection refused");
    }

    @Test
    void shouldProbeByHttpAndCompareTheStatus() throws IOException {
        AtomicInteger status = new AtomicInteger(204);
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(server, status));
            keeper.begin(endpoint("a", new Attachment.HostInterface("weft0")), quick(new HealthCheck.Http(server.getLocalPort(), "/healthz", 204)));
            awaitTold("a HEALTHY ");
            status.set(503);
            awaitTold("a HEALTHY ", "a UNHEALTHY HTTP status 503 instead of 204");
            status.set(204);
            awaitTold("a HEALTHY ", "a UNHEALTHY HTTP status 503 instead of 204", "a HEALTHY ");
        }
    }

    /** Answers GET /healthz with that status, and all else with 404. */
    private static void serve(ServerSocket server, AtomicInteger status) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                boolean known = in.readLine().equals("GET /healthz HTTP/1.1");
                while (!in.readLine().isEmpty()) {
                    continue; // the rest of the request's head
                }
                client.getOutputStream().write(("HTTP/1.1 " + (known ? status.get() : 404) + " as told\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                continue; // closed, or a client that has gone
            }
        }
    }

    @Test
    void shouldSayThatANamespaceCannotBeEntered() {
        keeper.begin(endpoint("a", new Attachment.NetworkNamespace("web1", "eth0")), quick(new HealthCheck.Tcp(80)));
        awaitTold("a UNHEALTHY nothing here can enter a network namespace: add the dependency dev.weft:weft-kernel-path");
    }
}
