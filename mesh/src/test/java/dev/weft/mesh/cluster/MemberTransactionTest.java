package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ServiceSpec;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What node TWO writes at once. */
class MemberTransactionTest extends TwoEndpointsTest {

    private static final String LIST = "/weft/attached/" + TWO.id() + "/blue~";

    private Optional<String> objection(List<Change> changes) {
        return new MemberTransaction(TWO.id(), store::read).objection(changes);
    }

    private void assertAllowed(List<Change> changes) {
        assertEquals(Optional.empty(), objection(changes), changes::toString);
        store.commit(changes);
    }

    private void assertRefused(String reason, List<Change> changes) {
        String found = objection(changes).orElse("allowed");
        assertTrue(found.contains(reason), found);
    }

    private EndpointRecord more() {
        return new EndpointRecord("blue", "more", TWO.id(), FREE, List.of(ip("10.0.1.77")), List.of(),
                eve.attachment());
    }

    private static List<Change> made(EndpointRecord endpoint) {
        return new ArrayList<>(Stream.concat(EndpointClaims.of(endpoint), Stream.of(
                new Change.Create(RECORD + endpoint.name(), RecordCodec.encode(endpoint)),
                new Change.Create(LIST + endpoint.name(), new byte[0]))).toList());
    }

    private static List<Change> gone(EndpointRecord endpoint) {
        return new ArrayList<>(made(endpoint).stream().<Change>map(entry -> new Change.Delete(entry.path())).toList().reversed());
    }

    @Test
    void shouldLetEndpointsComeAndGoWithAllThatIsTheirs() {
        assertAllowed(made(more()));
        assertAllowed(gone(more()));
        List<Change> again = gone(eve);
        again.addAll(made(eve));
        assertAllowed(again);
    }

    @Test
    void shouldAllowNoClaimThatNoEndpointHas() {
        EndpointClaims.of(more()).forEach(claim -> {
            assertRefused("no endpoint of this node has " + claim.path(), List.of(claim));
            Change.Create other = new Change.Create(claim.path(), EndpointClaims.owner("eve").getBytes(StandardCharsets.UTF_8));
            assertRefused("no endpoint of this node has", List.of(other));
            assertRefused("no endpoint of this node has", List.of(new Change.Create(claim.path(), "service 'x'".getBytes(StandardCharsets.UTF_8))));
            assertRefused("no endpoint of this node has",
                    List.of(new Change.Create(claim.path(), EndpointClaims.owner("web").getBytes(StandardCharsets.UTF_8))));
        });
        List<Change> further = made(more());
        further.add(new Change.Create("/weft/claims/blue/addresses/10.0.1.78", EndpointClaims.owner("more").getBytes(StandardCharsets.UTF_8)));
        assertRefused("10.0.1.78", further);
    }

    @Test
    void shouldLeaveNoClaimOfAnEndpointThatGoes() {
        for (Change.Create claim : EndpointClaims.of(eve).toList()) {
            List<Change> most = gone(eve);
            most.remove(new Change.Delete(claim.path()));
            assertRefused("no endpoint of this node has " + claim.path(), most);
        }
        assertAllowed(gone(eve));
    }

    @Test
    void shouldHaveEachEndpointListed() {
        List<Change> unlisted = made(more());
        unlisted.removeLast();
        assertRefused("is not listed", unlisted);
        assertRefused("is not listed", List.of(new Change.Delete(LIST + "eve")));
        assertAllowed(List.of(new Change.Create(LIST + "nothing", new byte[0])));
        assertAllowed(List.of(new Change.Delete(LIST + "nothing")));
    }

    /** Who is beaten to an address is told so, and not that it lies. */
    @Test
    void shouldSayNothingOfWhatFailsByItself() {
        EndpointRecord late = new EndpointRecord("blue", "late", TWO.id(), FREE, web.addresses(), List.of(),
                eve.attachment());
        assertEquals(Optional.empty(), objection(made(late)));
        assertEquals(Optional.empty(), objection(List.of(new Change.Delete(LIST + "eve"), new Change.Check("/weft/networks/blue", 77))));
        assertEquals(Optional.empty(), objection(List.of(new Change.Delete(LIST + "eve"), new Change.Delete("/weft/no/such"))));
        services.create(blue, ServiceSpec.vip("shop", "web"));
        EndpointRecord shop = new EndpointRecord("blue", "shop", TWO.id(), FREE, List.of(ip("10.0.1.77")), List.of(),
                eve.attachment());
        assertEquals(Optional.empty(), objection(made(shop)));
    }
}
