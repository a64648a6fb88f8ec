package dev.weft.examples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Random bytes over TCP from one container to another, and whether they arrived as they were. */
final class Transfer {

    private static final int CHUNK = 1 << 16;

    private Transfer() {
    }

    /** @return a line about it */
    static String run(String from, String to, String address, int megabytes) throws Exception {
        Process receiver = Shell.start(to, "socat", "-u", "TCP-LISTEN:5001,reuseaddr", "STDOUT");
        CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> digest(receiver.getInputStream()));
        Process sender = Shell.start(from, "socat", "-u", "STDIN", "TCP:" + address + ":5001,retry=50,interval=0.1");
        long start = System.nanoTime();
        String sent = send(sender.getOutputStream(), megabytes);
        if (!sent.equals(received.get())) {
            throw new IllegalStateException("the transfer arrived changed: sent " + sent + ", received " + received.get());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(Locale.ROOT, "%d MB in %.1f s (%.0f Mbit/s), SHA-256 %s... on both sides", megabytes, seconds,
                megabytes * 8 / seconds, sent.substring(0, 16));
    }

    private static String send(OutputStream output, int megabytes) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        SplittableRandom random = new SplittableRandom(megabytes);
        byte[] chunk = new byte[CHUNK];
        try (output) {
            for (long left = megabytes * 1_000_000L; left > 0; left -= CHUNK) {
                random.nextBytes(chunk);
                int length = (int) Math.min(left, CHUNK);
                digest.update(chunk, 0, length);
                output.write(chunk, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String digest(InputStream input) {
        try (input) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            for (int length = input.read(chunk); length >= 0; length = input.read(chunk)) {
                digest.update(chunk, 0, length);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
