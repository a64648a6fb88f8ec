package dev.weft.mesh.cluster;

import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker's transaction may not leave, whatever each of its changes says ({@link MemberWrites}): a claim without the record of an endpoint
 * that has it, and a record that is not listed as its node's. When the node is removed all that is listed goes, with what it claims; the rest
 * nobody would find, and its addresses would never be given again. Asked before the first change. Pure.
 */
public final class MemberTransaction {

    private static final Pattern LISTED = Pattern.compile("/weft/attached/([^/]+)/([^/]+)");

    private final String member;
    private final Function<String, Optional<ClusterStore.Entry>> before;
    /** What the transaction makes of entries; nothing: it removes them. */
    private final Map<String, Optional<ClusterStore.Entry>> done = new HashMap<>();

    /** @param before entries as the transaction finds them */
    public MemberTransaction(String member, Function<String, Optional<ClusterStore.Entry>> before) {
        this.member = member;
        this.before = before;
    }

    /** Why these changes may not be; nothing when they may, and when the state is not as they expect: then they fail by themselves. */
    public Optional<String> objection(List<Change> changes) {
        try {
            for (Change change : changes) {
                if (!isPossible(change)) {
                    return Optional.empty();
                }
                make(change);
            }
            return changes.stream().flatMap(change -> left(change).stream()).findFirst();
        } catch (RecordCodec.UnreadableRecord e) {
            return Optional.of(e.getMessage());
        }
    }

    private Optional<ClusterStore.Entry> now(String path) {
        return done.containsKey(path) ? done.get(path) : before.apply(path);
    }

    private boolean isPossible(Change change) {
        Optional<ClusterStore.Entry> entry = now(change.path());
        return switch (change) {
            case Change.Create create -> entry.isEmpty();
            case Change.CreateEphemeral create -> entry.isEmpty();
            case Change.Replace replace -> entry.filter(found -> MemberWrites.isExpected(replace.version(), found)).isPresent();
            case Change.Delete delete -> entry.filter(found -> MemberWrites.isExpected(delete.version(), found)).isPresent();
            case Change.Check check -> entry.filter(found -> MemberWrites.isExpected(check.version(), found)).isPresent();
        };
    }

    private void make(Change change) {
        switch (change) {
            case Change.Create create -> done.put(create.path(), Optional.of(new ClusterStore.Entry(create.data(), 0)));
            case Change.CreateEphemeral create -> done.put(create.path(), Optional.of(new ClusterStore.Entry(create.data(), 0)));
            case Change.Replace replace -> done.put(replace.path(),
                    now(replace.path()).map(entry -> new ClusterStore.Entry(replace.data(), entry.version() + 1)));
            case Change.Delete delete -> done.put(delete.path(), Optional.empty());
            case Change.Check check -> { }
        }
    }

    private Optional<String> left(Change change) {
        Matcher record = MemberWrites.ENDPOINT.matcher(change.path());
        Matcher listed = LISTED.matcher(change.path());
        return switch (change) {
            case Change.Create create when MemberWrites.CLAIM.matcher(create.path()).matches() -> unused(create.path());
            case Change.Create create when record.matches() -> now(create.path()).flatMap(entry -> unlisted(endpoint(entry)));
            case Change.Delete delete when record.matches() -> before.apply(delete.path())
                    .flatMap(entry -> EndpointClaims.of(endpoint(entry)).flatMap(claim -> unused(claim.path()).stream()).findFirst());
            case Change.Delete delete when listed.matches() -> unlisted(listed.group(1), Layout.networkAndEndpoint(listed.group(2)));
            default -> Optional.empty();
        };
    }

    private static EndpointRecord endpoint(ClusterStore.Entry entry) {
        return RecordCodec.decode(entry.data(), EndpointRecord.class);
    }

    /** A claim that is there, of an endpoint of this node that is not, or does not want it. */
    private Optional<String> unused(String claim) {
        Matcher network = MemberWrites.CLAIM.matcher(claim);
        boolean used = !network.matches() || now(claim).isEmpty() || now(claim).flatMap(entry -> EndpointClaims.endpointOf(entry.data()))
                .flatMap(name -> now(Layout.endpoint(network.group(1), name))).map(MemberTransaction::endpoint)
                .filter(endpoint -> endpoint.node().equals(member))
                .filter(endpoint -> EndpointClaims.of(endpoint).anyMatch(each -> each.path().equals(claim))).isPresent();
        return used ? Optional.empty() : Optional.of("no endpoint of this node has " + claim);
    }

    private Optional<String> unlisted(EndpointRecord endpoint) {
        return now(Layout.attached(endpoint.node(), endpoint.network(), endpoint.name())).isPresent() ? Optional.empty()
                : Optional.of("endpoint '" + endpoint.name() + "' is not listed at its node");
    }

    private Optional<String> unlisted(String node, String[] networkAndEndpoint) {
        return networkAndEndpoint.length < 2 ? Optional.empty() : now(Layout.endpoint(networkAndEndpoint[0], networkAndEndpoint[1]))
                .map(MemberTransaction::endpoint).filter(endpoint -> endpoint.node().equals(node)).flatMap(this::unlisted);
    }
}
