package dev.weft.mesh.cluster;

import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.store.Change;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What an endpoint claims: its name, its addresses and its MAC, each in the endpoint's name. */
final class EndpointClaims {

    private static final Pattern OWNER = Pattern.compile("endpoint '([^']+)'");

    private EndpointClaims() {
    }

    /** What a claim says of whose it is; {@code endpoint 'web1'}. */
    static String owner(String endpoint) {
        return "endpoint '" + endpoint + "'";
    }

    /** The endpoint that a claim says it is of; nothing when it is a service's. */
    static Optional<String> endpointOf(byte[] claim) {
        Matcher owner = OWNER.matcher(new String(claim, StandardCharsets.UTF_8));
        return owner.matches() ? Optional.of(owner.group(1)) : Optional.empty();
    }

    static Stream<Change.Create> of(EndpointRecord endpoint) {
        String network = endpoint.network();
        byte[] owner = owner(endpoint.name()).getBytes(StandardCharsets.UTF_8);
        return Stream.of(Stream.of(Layout.name(network, endpoint.name())),
                        endpoint.addresses().stream().map(address -> Layout.address(network, address)),
                        Stream.of(Layout.mac(network, endpoint.mac())))
                .flatMap(paths -> paths).map(path -> new Change.Create(path, owner));
    }
}
