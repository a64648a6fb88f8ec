package dev.weft.api;

import java.util.Map;

/**
 * Which endpoints of a network a side of a rule is about.
 *
 * @param text {@code any}, or {@code KEY=VALUE} for those that have the label (see {@link EndpointSpec#labels}), or the name of one
 *             endpoint; one that is called {@code any} cannot be named
 */
public record PolicySelector(String text) {

    public static final PolicySelector ANY = new PolicySelector("any");

    private static final String EQUALS = "=";

    public PolicySelector {
        if (text.contains(EQUALS)) {
            String[] parts = text.split(EQUALS, 2);
            EndpointSpec.requireLabel(parts[0], parts[1]);
        } else {
            Names.checked("endpoint", text);
        }
    }

    public boolean isAny() {
        return text.equals("any");
    }

    /** @param labels of the endpoint */
    public boolean matches(String endpoint, Map<String, String> labels) {
        if (text.contains(EQUALS)) {
            String[] parts = text.split(EQUALS, 2);
            return parts[1].equals(labels.get(parts[0]));
        }
        return isAny() || text.equals(endpoint);
    }

    @Override
    public String toString() {
        return text;
    }
}
