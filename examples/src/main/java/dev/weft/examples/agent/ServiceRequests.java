package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weft.api.EndpointMode;
import dev.weft.api.LoadBalancing;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import java.util.Locale;

/** What is asked for services. */
final class ServiceRequests {

    private ServiceRequests() {
    }

    static ServiceSpec spec(JsonNode request) {
        ServiceSpec.Builder builder = ServiceSpec.named(request.path("name").asText())
                .backends(Lists.get(request, "backends").toArray(String[]::new)).mode(mode(request)).balancing(balancing(request))
                .affinity(request.path("affinity").asBoolean()).masquerade(request.path("masquerade").asBoolean());
        Lists.get(request, "ports").forEach(builder::publish);
        request.path("weights").properties().forEach(weight -> builder.weight(weight.getKey(), weight.getValue().asInt()));
        return builder.build();
    }

    /** What is not said stays as it is. */
    static ServiceUpdate update(JsonNode request) {
        ServiceUpdate.Builder change = ServiceUpdate.change();
        Lists.get(request, "publishRemove").forEach(change::unpublish);
        Lists.get(request, "publishAdd").forEach(change::publish);
        Lists.get(request, "backendRemove").forEach(change::removeBackend);
        Lists.get(request, "backendAdd").forEach(change::addBackend);
        request.path("weights").properties().forEach(weight -> change.weight(weight.getKey(), weight.getValue().asInt()));
        if (request.hasNonNull("lb")) {
            change.balancing(balancing(request));
        }
        if (request.hasNonNull("affinity")) {
            change.affinity(request.path("affinity").asBoolean());
        }
        if (request.hasNonNull("mode")) {
            change.mode(mode(request));
        }
        return change.build();
    }

    private static EndpointMode mode(JsonNode request) {
        return EndpointMode.valueOf(request.path("mode").asText().toUpperCase(Locale.ROOT));
    }

    private static LoadBalancing balancing(JsonNode request) {
        return switch (request.path("lb").asText()) {
            case "maglev" -> LoadBalancing.MAGLEV;
            case "lc" -> LoadBalancing.LEAST_CONNECTIONS;
            default -> LoadBalancing.ROUND_ROBIN;
        };
    }
}
