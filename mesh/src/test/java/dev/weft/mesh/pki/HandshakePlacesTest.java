package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.mesh.Await;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Sockets that are connected to nobody: all that is done to them here is to close them. */
class HandshakePlacesTest {

    private static final Duration NEVER = Duration.ofDays(1);

    private final Socket first = new Socket();
    private final Socket second = new Socket();
    private final Socket third = new Socket();

    private static HandshakePlaces two(Duration assured, Duration longest) {
        return new HandshakePlaces("test-deadlines", 2, assured, longest);
    }

    @Test
    void shouldCloseAtLastWhoeverKeepsAPlace() {
        try (HandshakePlaces places = two(NEVER, Duration.ofMillis(1))) {
            HandshakePlaces.Place place = places.tryTake(first).orElseThrow();
            Await.until("its time is over", first::isClosed);
            assertTrue(place.isLate());
        }
    }

    @Test
    void shouldLeaveThoseAloneWhoHavePutTheirPlaceBack() {
        try (HandshakePlaces places = two(NEVER, Duration.ofMillis(100))) {
            places.tryTake(first).orElseThrow().close();
            places.tryTake(second);
            Await.until("the later one's time is over", second::isClosed);
            assertFalse(first.isClosed());
        }
    }

    @Test
    void shouldRefuseOneTooMany() {
        try (HandshakePlaces places = two(NEVER, NEVER)) {
            List<Optional<HandshakePlaces.Place>> taken = List.of(places.tryTake(first), places.tryTake(second));
            assertTrue(places.tryTake(third).isEmpty());
            assertFalse(first.isClosed() || second.isClosed());
            taken.getFirst().orElseThrow().close();
            assertTrue(places.tryTake(third).isPresent());
        }
    }

    /** However long the longest time is: who waits has to wait for the assured time only, as if that were the limit. */
    @Test
    void shouldCloseTheOldestForWhoComesWhenAllPlacesAreTaken() {
        try (HandshakePlaces places = two(Duration.ofMillis(1), NEVER)) {
            HandshakePlaces.Place oldest = places.take(first).orElseThrow();
            places.take(second).orElseThrow();
            CompletableFuture<Optional<HandshakePlaces.Place>> comes = CompletableFuture.supplyAsync(() -> places.take(third));
            Await.until("the oldest goes", first::isClosed);
            oldest.close();
            assertTrue(comes.join().isPresent());
            assertFalse(third.isClosed());
        }
    }

    @Test
    void shouldEndWithItsPort() {
        HandshakePlaces places = two(NEVER, NEVER);
        places.take(first);
        places.take(second);
        CompletableFuture<Optional<HandshakePlaces.Place>> waits = CompletableFuture.supplyAsync(() -> places.take(third));
        places.close();
        assertTrue(first.isClosed() && second.isClosed());
        assertEquals(Optional.empty(), waits.join());
        assertEquals(Optional.empty(), places.tryTake(third));
    }
}
