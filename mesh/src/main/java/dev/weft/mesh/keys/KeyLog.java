package dev.weft.mesh.keys;

import dev.weft.api.WeftException;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SecurityAssociation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the keys of a node to a file, in clear, for debugging: as lines of Wireshark's table {@code esp_sa}, which is a file of that name in
 * its configuration directory. Whoever reads the file reads the traffic. Only its owner may; it is never made unless it was asked for.
 */
public final class KeyLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyLog.class);
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final FileChannel channel;
    private final Set<SecurityAssociation> written = new HashSet<>();

    private KeyLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** @throws WeftException.InvalidSpec if the file cannot be written, or others may read it */
    public static KeyLog open(Path file) {
        try {
            boolean posix = Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
            if (Files.exists(file) && posix && !OWNER.containsAll(Files.getPosixFilePermissions(file))) {
                throw new WeftException.InvalidSpec("key log " + file + " can be read by others than its owner; chmod 600 it, or give another file");
            }
            Set<StandardOpenOption> append = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            FileChannel channel = posix ? FileChannel.open(file, append, PosixFilePermissions.asFileAttribute(OWNER))
                    : FileChannel.open(file, append);
            LOG.warn("KEYS ARE WRITTEN IN CLEAR TO {}: whoever reads that file reads this node's encrypted networks. Debugging only; "
                    + "start without a key log as soon as you can, and destroy the file", file);
            return new KeyLog(file, channel);
        } catch (IOException e) {
            throw new WeftException.InvalidSpec("key log " + file + " cannot be written: " + e + "; give one in a directory that exists", e);
        }
    }

    /** Writes those that it has not written yet. @param vtep this node's */
    public synchronized void write(InetAddress vtep, List<PeerSecurity> peers) {
        Set<SecurityAssociation> present = new HashSet<>();
        for (PeerSecurity peer : peers) {
            peer.outbound().ifPresent(sa -> write(present, sa, vtep, peer.vtep()));
            peer.inbound().forEach(sa -> write(present, sa, peer.vtep(), vtep));
        }
        written.retainAll(present);
    }

    private void write(Set<SecurityAssociation> present, SecurityAssociation sa, InetAddress from, InetAddress to) {
        present.add(sa);
        if (!written.add(sa)) {
            return;
        }
        try {
            channel.write(ByteBuffer.wrap((line(sa, from, to) + "\n").getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            LOG.warn("key log {}: {}", file, e.toString());
        }
    }

    private static String line(SecurityAssociation sa, InetAddress from, InetAddress to) {
        byte[] keyAndSalt = new byte[sa.key().length()];
        sa.key().copyTo(MemorySegment.ofArray(keyAndSalt));
        return String.format("\"%s\",\"%s\",\"%s\",\"0x%08x\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x%s\",\"NULL\",\"\"",
                from instanceof Inet4Address ? "IPv4" : "IPv6", from.getHostAddress(), to.getHostAddress(), sa.spi(),
                HexFormat.of().formatHex(keyAndSalt));
    }

    /** The file stays. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("key log {}: {}", file, e.toString());
        }
    }
}
