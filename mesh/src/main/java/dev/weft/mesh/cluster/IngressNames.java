package dev.weft.mesh.cluster;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the members of the ingress network are called. They stand for services and endpoints of other networks, and for nodes; the
 * names follow from theirs, so that every node knows them without asking.
 */
public final class IngressNames {

    /** Names have 63 characters at most. */
    private static final int READABLE = 54;
    private static final int DIGEST = 4;
    /** No name that anybody gives has a tilde. */
    private static final String SEPARATOR = "~";

    private IngressNames() {
    }

    /** Of a service of the ingress network. @param owner the service, or the endpoint, that has published */
    static String service(String network, String owner) {
        return network + SEPARATOR + owner;
    }

    /** What the name of a service was made of. */
    static String[] networkAndOwner(String service) {
        return service.split(SEPARATOR, 2);
    }

    /** Of an endpoint in the ingress network that stands for one of another network. A name that endpoints may have. */
    public static String of(String network, String name) {
        String readable = name + "." + network;
        return readable.substring(0, Math.min(READABLE, readable.length())) + "-" + digest(network, name);
    }

    /** Of the endpoint by which a node takes part in the ingress network. */
    public static String gateway(String nodeId) {
        return "gateway-" + nodeId;
    }

    /** Eight characters, for interfaces, whose names are short. */
    public static String digest(String network, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((network + "/" + name).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
