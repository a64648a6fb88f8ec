package dev.weft.api;

import java.util.regex.Pattern;

/** What a network, endpoint, service, alias or node may be called: a DNS label, or labels with dots between them. */
final class Names {

    /** RFC 1123, 2.1: letters, digits and inner hyphens; underscores too, since container names have them. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*");

    /** RFC 1035, 2.3.4: a label has at most 63 octets. */
    private static final int MAX_LENGTH = 63;

    private Names() {
    }

    static String checked(String what, String name) {
        if (name == null || name.length() > MAX_LENGTH || !NAME.matcher(name).matches()) {
            throw new WeftException.InvalidSpec(what + " name '" + name
                    + "' is not valid; take 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit");
        }
        return name;
    }
}
