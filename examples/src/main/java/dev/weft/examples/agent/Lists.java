package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Lists of strings in requests. */
final class Lists {

    private Lists() {
    }

    /** @param values null stands for none */
    static void put(ObjectNode request, String field, List<String> values) {
        ArrayNode array = request.putArray(field);
        if (values != null) {
            values.forEach(array::add);
        }
    }

    static List<String> get(JsonNode request, String field) {
        List<String> values = new ArrayList<>();
        request.path(field).forEach(value -> values.add(value.asText()));
        return values;
    }
}
