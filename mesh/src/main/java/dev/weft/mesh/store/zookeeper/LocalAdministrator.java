package dev.weft.mesh.store.zookeeper;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * ZooKeeper lets only its super user lock the entry that holds the ensemble. This process's own servers take a secret for one
 * that it draws at its start and that never leaves it.
 */
final class LocalAdministrator {

    private static final int SECRET_BYTES = 32;
    private static final String ID_AND_SECRET = "super:" + draw();

    private LocalAdministrator() {
    }

    /** Has to come before ZooKeeper's class for the digest scheme is loaded: that one reads the property once. */
    static void enable() {
        System.setProperty("zookeeper.DigestAuthenticationProvider.superDigest", digest());
    }

    static byte[] proof() {
        return ID_AND_SECRET.getBytes(StandardCharsets.UTF_8);
    }

    private static String draw() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }

    private static String digest() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(proof());
            return "super:" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }
}
