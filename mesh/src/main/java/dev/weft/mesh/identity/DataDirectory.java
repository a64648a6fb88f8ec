package dev.weft.mesh.identity;

import dev.weft.api.WeftException;
import dev.weft.mesh.backup.BackupFile;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TrustBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a node keeps its identity, its key and certificate and, when the cluster store runs in it, the store. One process at a time; only
 * its owner may read it.
 */
public final class DataDirectory implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String IDENTITY = "node.json";
    private static final String KEY = "node.pem";
    private static final String TRUST = "trust.pem";
    private static final String SEAL = "seal";
    private static final String STORE = "store";
    private static final String SERVER_NUMBER = "data/myid";
    private static final String MANAGERS = "managers";

    private final Path root;
    private final FileChannel channel;

    private DataDirectory(Path root, FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    /**
     * Makes the directory when it is missing, and takes it.
     *
     * @throws WeftException.InUse       if another node runs on it
     * @throws WeftException.InvalidSpec if it cannot be made or written
     */
    public static DataDirectory open(Path root) {
        try {
            Files.createDirectories(root, readableBy("rwx------"));
            FileChannel channel = FileChannel.open(root.resolve(LOCK),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), readableBy("rw-------"));
            if (!tryLock(channel)) {
                channel.close();
                throw new WeftException.InUse("another node runs on data directory " + root + "; stop it, or take another directory");
            }
            return new DataDirectory(root, channel);
        } catch (IOException e) {
            throw new WeftException.InvalidSpec("data directory " + root + " cannot be used: " + e + "; give one that this user may write", e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Nothing when no node has ever run here. */
    public Optional<Identity> identity() {
        Path file = root.resolve(IDENTITY);
        try {
            return Files.exists(file) ? Optional.of(RecordCodec.decode(Files.readAllBytes(file), Identity.class)) : Optional.empty();
        } catch (IOException | RecordCodec.UnreadableRecord e) {
            throw new WeftException.InvalidSpec("the identity in " + file + " cannot be read: " + e.getMessage()
                    + "; restore it, or take an empty data directory", e);
        }
    }

    /** To be written after the rest: once it is there, all is. */
    public void save(Identity identity) {
        write(IDENTITY, RecordCodec.encode(identity));
    }

    /** The key and the certificates of the node that {@link #identity} names. */
    public KeyMaterial keyMaterial() {
        try {
            String own = Files.readString(keyFile());
            List<X509Certificate> chain = Pem.certificates(own);
            return new KeyMaterial(Pem.privateKey(own), chain.getFirst(), chain.getLast(),
                    new TrustBundle(Pem.certificates(Files.readString(trustFile()))));
        } catch (IOException | CertificateException e) {
            throw new WeftException.InvalidSpec("the node's certificate in " + root + " cannot be read: " + e.getMessage()
                    + "; restore " + KEY + " and " + TRUST + ", or take an empty data directory and join again", e);
        }
    }

    /** Trust first: a certificate of a new CA is never there without it. */
    public void save(KeyMaterial material) {
        write(TRUST, Pem.text(material.trust().authorities()).getBytes(StandardCharsets.UTF_8));
        write(KEY, Pem.text(material.key(), material.chain()).getBytes(StandardCharsets.UTF_8));
    }

    /** PEM: private key, certificate, CA. */
    public Path keyFile() {
        return root.resolve(KEY);
    }

    /** PEM: the CAs that the node trusts. */
    public Path trustFile() {
        return root.resolve(TRUST);
    }

    /** What a manager opens the cluster's secrets with; nothing at a worker. */
    public Optional<Seal> seal() {
        return text(SEAL).map(Seal::new);
    }

    public void save(Seal seal) {
        write(SEAL, seal.key().getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> text(String name) {
        Path file = root.resolve(name);
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new WeftException.InvalidSpec(file + " cannot be read: " + e.getMessage() + "; restore it, or take an empty data directory", e);
        }
    }

    /** Of the cluster store; may not be there. */
    public Path store() {
        return root.resolve(STORE);
    }

    /** The store's directory, made when it is missing. */
    public Path makeStore() {
        try {
            return Files.createDirectories(store(), readableBy("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + store(), e);
        }
    }

    /** The number of the store's server that is here; nothing when there is none. */
    public OptionalInt serverNumber() {
        Path file = store().resolve(SERVER_NUMBER);
        try {
            return Files.exists(file) ? OptionalInt.of(Integer.parseInt(Files.readString(file).strip())) : OptionalInt.empty();
        } catch (IOException | NumberFormatException e) {
            throw new WeftException.InvalidSpec("the number of the cluster store's server in " + file + " cannot be read: " + e.getMessage()
                    + "; restore it", e);
        }
    }

    /** Where the node found the cluster store when it looked last, as {@code HOST:PORT}; nothing when it never did. */
    public List<String> managers() {
        Path file = root.resolve(MANAGERS);
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    public void saveManagers(List<InetSocketAddress> managers) {
        List<String> lines = managers.stream().map(ManagerAddress::text).toList();
        if (!lines.equals(managers())) {
            write(MANAGERS, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * A copy of the node's identity, in a new directory inside this one that its {@code close} removes.
     *
     * @param root holds what {@link #restore} puts back
     */
    public record Copy(Path root) implements AutoCloseable {

        /** Where the store's copy belongs. */
        public Path store() {
            return root.resolve(STORE);
        }

        @Override
        public void close() {
            remove(root);
        }
    }

    /** @throws WeftException.InvalidSpec if the directory takes no copy; nothing of it is left then */
    public Copy copyIdentity() {
        Optional<Path> into = Optional.empty();
        try {
            into = Optional.of(Files.createTempDirectory(root, "copy"));
            for (String name : List.of(IDENTITY, KEY, TRUST, SEAL)) {
                Files.copy(root.resolve(name), into.get().resolve(name));
            }
            return new Copy(into.get());
        } catch (IOException e) {
            into.ifPresent(DataDirectory::remove);
            throw new WeftException.InvalidSpec("cannot copy the node's identity inside " + root + ": " + e + "; make room there", e);
        }
    }

    /**
     * Makes the directory what it was when a backup was made.
     *
     * @throws WeftException.InvalidSpec if there is a node here already, or the backup cannot be used
     */
    public void restore(Path backup) {
        identity().ifPresent(node -> {
            throw new WeftException.InvalidSpec("data directory " + root + " is node '" + node.name() + "'; restore into an empty directory");
        });
        if (Files.exists(store())) {
            throw new WeftException.InvalidSpec("data directory " + root + " holds a cluster store; restore into an empty directory");
        }
        BackupFile.unpack(backup, root);
    }

    /** Forgets the node: removes all that Weft wrote here. */
    public void erase() {
        try {
            for (String name : List.of(IDENTITY, KEY, TRUST, SEAL, MANAGERS)) {
                Files.deleteIfExists(root.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the node's files from " + root, e);
        }
        eraseStore();
    }

    /** Removes the store's server, which is not running. */
    public void eraseStore() {
        if (Files.exists(store())) {
            remove(store());
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }

    /** Whole or not at all, whenever the machine stops: a new file, forced to disk, then renamed. */
    private void write(String name, byte[] bytes) {
        Path temporary = root.resolve(name + ".new");
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel file = FileChannel.open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    readableBy("rw-------"))) {
                file.write(ByteBuffer.wrap(bytes));
                file.force(true);
            }
            Files.move(temporary, root.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + root.resolve(name), e);
        }
    }

    private static FileAttribute<?>[] readableBy(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    /** Gives the directory free for another process. Idempotent. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the lock of " + root, e);
        }
    }
}
