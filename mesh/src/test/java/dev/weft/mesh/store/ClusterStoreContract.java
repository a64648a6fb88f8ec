package dev.weft.mesh.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What every {@link ClusterStore} has to do. Entries are made below {@code /weft}, which is there and empty. */
public abstract class ClusterStoreContract {

    /** A new client with a session of its own; closed by the subclass after the test. */
    protected abstract ClusterStore client();

    /** Ends the client's session at the store without the client's doing; returns when the client knows. */
    protected abstract void expire(ClusterStore client);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Waits for a condition. */
    protected void until(String what, BooleanSupplier condition) {
        Await.until(what, condition);
    }

    @Test
    void shouldReadWhatAnotherClientCreated() {
        client().commit(new Change.Create("/weft/a", bytes("one")));

        ClusterStore.Entry entry = client().read("/weft/a").orElseThrow();

        assertArrayEquals(bytes("one"), entry.data());
        assertEquals(0, entry.version());
        assertTrue(client().read("/weft/b").isEmpty());
    }

    @Test
    void shouldListTheNamesRightBelow() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/b", bytes("")), new Change.Create("/weft/a", bytes("")),
                new Change.Create("/weft/a/deep", bytes("")), new Change.Create("/weft/a-b", bytes("")));

        assertEquals(List.of("a", "a-b", "b"), store.children("/weft"));
        assertEquals(List.of(), store.children("/weft/b"));
        assertEquals(List.of(), store.children("/weft/none"));
        assertEquals(3, store.count("/weft"));
        assertEquals(0, store.count("/weft/b"));
        assertEquals(0, store.count("/weft/none"));
    }

    @Test
    void shouldRefuseToCreateTwice() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/a", bytes("one")));

        StoreConflict conflict = assertThrows(StoreConflict.class, () -> client().commit(new Change.Create("/weft/a", bytes("two"))));

        assertEquals(StoreConflict.Kind.EXISTS, conflict.kind());
        assertEquals("/weft/a", conflict.path());
        assertArrayEquals(bytes("one"), store.read("/weft/a").orElseThrow().data());
    }

    @Test
    void shouldReplaceOnlyTheVersionExpected() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/a", bytes("one")));
        store.commit(new Change.Replace("/weft/a", bytes("two"), 0));

        StoreConflict conflict = assertThrows(StoreConflict.class, () -> store.commit(new Change.Replace("/weft/a", bytes("three"), 0)));

        assertEquals(StoreConflict.Kind.STALE, conflict.kind());
        assertEquals(1, store.read("/weft/a").orElseThrow().version());
    }

    @Test
    void shouldNameTheFirstChangeThatFailsAndMakeNone() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/taken", bytes("")));

        StoreConflict conflict = assertThrows(StoreConflict.class, () -> store.commit(
                new Change.Create("/weft/new", bytes("")), new Change.CreateEphemeral("/weft/brief", bytes("")),
                new Change.Create("/weft/taken", bytes("")), new Change.Create("/weft/after", bytes(""))));

        assertEquals("/weft/taken", conflict.path());
        assertEquals(List.of("taken"), store.children("/weft"));
    }

    @Test
    void shouldRefuseChangesOfWhatIsNotThere() {
        ClusterStore store = client();
        for (Change change : List.of(new Change.Delete("/weft/a"), new Change.Replace("/weft/a", bytes(""), 0),
                new Change.Check("/weft/a", 0), new Change.Create("/weft/a/b", bytes("")))) {
            StoreConflict conflict = assertThrows(StoreConflict.class, () -> store.commit(change));
            assertEquals(StoreConflict.Kind.MISSING, conflict.kind(), change.toString());
        }
    }

    @Test
    void shouldNotDeleteAnEntryThatHasOthersBelow() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/a", bytes("")), new Change.Create("/weft/a/b", bytes("")));

        assertEquals(StoreConflict.Kind.NOT_EMPTY,
                assertThrows(StoreConflict.class, () -> store.commit(new Change.Delete("/weft/a"))).kind());
        store.commit(new Change.Delete("/weft/a/b"), new Change.Delete("/weft/a"));
        assertEquals(List.of(), store.children("/weft"));
    }

    @Test
    void shouldDropEphemeralEntriesWhenTheClientCloses() {
        ClusterStore mortal = client();
        ClusterStore other = client();
        mortal.commit(new Change.CreateEphemeral("/weft/live", bytes("")));
        assertTrue(mortal.holds("/weft/live"));
        assertFalse(other.holds("/weft/live"));

        mortal.close();

        until("entry gone", () -> other.read("/weft/live").isEmpty());
    }

    @Test
    void shouldTellOfAnExpiredSessionAndComeBackWithANewOne() {
        ClusterStore mortal = client();
        ClusterStore other = client();
        List<ClusterStore.Connection> told = new CopyOnWriteArrayList<>();
        mortal.onConnection(told::add);
        mortal.commit(new Change.CreateEphemeral("/weft/live", bytes("")));
        AtomicInteger changes = new AtomicInteger();
        try (Subtree copy = mortal.watch("/weft", changes::incrementAndGet)) {
            expire(mortal);

            until("new session", () -> told.contains(ClusterStore.Connection.LOST)
                    && told.getLast() == ClusterStore.Connection.CONNECTED);
            assertFalse(mortal.holds("/weft/live"));
            until("old entry gone", () -> other.read("/weft/live").isEmpty());
            other.commit(new Change.Create("/weft/news", bytes("")));
            until("copy goes on", () -> copy.snapshot().keySet().equals(Set.of("/weft", "/weft/news")));
        }
    }

    @Test
    void shouldKeepAWatchedCopyUpToDate() {
        ClusterStore writer = client();
        writer.commit(new Change.Create("/weft/net", bytes("")), new Change.Create("/weft/net/a", bytes("one")),
                new Change.Create("/weft/other", bytes("")));
        AtomicInteger changes = new AtomicInteger();
        try (Subtree copy = client().watch("/weft/net", changes::incrementAndGet)) {
            assertEquals(Set.of("/weft/net", "/weft/net/a"), copy.snapshot().keySet());

            writer.commit(new Change.Replace("/weft/net/a", bytes("two"), 0), new Change.Create("/weft/net/a/b", bytes("deep")));
            until("create and replace seen", () -> copy.snapshot().containsKey("/weft/net/a/b")
                    && new String(copy.snapshot().get("/weft/net/a"), StandardCharsets.UTF_8).equals("two"));
            assertTrue(changes.get() > 0);

            writer.commit(new Change.Delete("/weft/net/a/b"), new Change.Delete("/weft/net/a"));
            until("delete seen", () -> copy.snapshot().keySet().equals(Set.of("/weft/net")));
        }
    }

    @Test
    void shouldTellWhichEntriesChanged() {
        ClusterStore writer = client();
        writer.commit(new Change.Create("/weft/net", bytes("n")), new Change.Create("/weft/net/a", bytes("one")),
                new Change.Create("/weft/net/b", bytes("b")));
        List<String> told = new CopyOnWriteArrayList<>();
        try (Subtree copy = client().watch("/weft/net", (path, data) -> told.add(path + "=" + (data == null ? "gone" : text(data))))) {
            assertEquals(Set.of("/weft/net=n", "/weft/net/a=one", "/weft/net/b=b"), Set.copyOf(told), "the first copy");
            told.clear();

            writer.commit(new Change.Replace("/weft/net/a", bytes("two"), 0), new Change.Create("/weft/other", bytes("")));
            writer.commit(new Change.Delete("/weft/net/b"));
            writer.commit(new Change.Create("/weft/net/c", bytes("new")));

            until("all told", () -> told.contains("/weft/net/c=new"));
            until("nothing but what changed", () -> Set.copyOf(told).equals(Set.of("/weft/net/a=two", "/weft/net/b=gone", "/weft/net/c=new")));
            assertEquals("two", text(copy.snapshot().get("/weft/net/a")));
        }
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    @Test
    void shouldWatchWhatIsNotThereYet() {
        try (Subtree copy = client().watch("/weft/later", () -> { })) {
            assertTrue(copy.snapshot().isEmpty());
            client().commit(new Change.Create("/weft/later", bytes("")));
            until("seen", () -> copy.snapshot().containsKey("/weft/later"));
        }
    }

    @Test
    void shouldRefuseCallsAfterClose() {
        ClusterStore store = client();
        store.close();
        store.close();
        assertThrows(WeftException.ManagerUnreachable.class, () -> store.read("/weft"));
    }
}
