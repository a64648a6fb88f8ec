package dev.weft.mesh.path;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files {@code /etc/netns/NAMESPACE/resolv.conf} of one node (ip-netns(8)). The first line of each says who made it: what it does not
 * speak of, or of another node that runs, is left as it is. The directory {@code /etc/netns} stays when it was made. One thread's.
 */
public final class ResolvConfFiles {

    private static final Logger LOG = LoggerFactory.getLogger(ResolvConfFiles.class);
    private static final String NAME = "resolv.conf";

    private final Path directory;
    private final Path host;
    private final ResolvConfMaker self;

    /**
     * @param directory where each namespace has a directory
     * @param host      the host's own resolv.conf, whose search list namespaces get
     */
    ResolvConfFiles(Path directory, Path host, String nodeName, String nodeId) {
        this.directory = directory;
        this.host = host;
        this.self = ResolvConfMaker.here(nodeName, nodeId);
    }

    /** Those that {@code ip netns exec} reads. */
    public static ResolvConfFiles of(String nodeName, String nodeId) {
        return new ResolvConfFiles(Path.of("/etc/netns"), Path.of("/etc/resolv.conf"), nodeName, nodeId);
    }

    private Path file(String namespace) {
        return directory.resolve(namespace).resolve(NAME);
    }

    /**
     * Makes the file, or makes it anew; who has it open goes on with the one before.
     *
     * @param wanted lines of resolv.conf(5); the search list is not among them
     * @throws WeftException.InUse          if there is a file of somebody else
     * @throws WeftException.DataPathFailed if it cannot be written
     */
    void write(String namespace, List<String> wanted) {
        Path file = file(namespace);
        try {
            Optional<ResolvConfMaker> before = maker(file);
            requireOurs(file, before);
            boolean directoryToo = before.map(ResolvConfMaker::directoryToo).orElseGet(() -> !Files.exists(file.getParent()));
            String text = Stream.of(Stream.of(self.withDirectory(directoryToo).line()), wanted.stream(), searchOfHost().stream())
                    .flatMap(lines -> lines).collect(Collectors.joining("\n", "", "\n"));
            // not beside the file: ip netns exec binds all that is there
            Path next = Files.createDirectories(directory).resolve("." + namespace + "." + NAME);
            Files.writeString(next, text);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
            if (!Files.exists(file.getParent())) {
                Files.setPosixFilePermissions(Files.createDirectory(file.getParent()), PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | UnsupportedOperationException e) {
            throw new WeftException.DataPathFailed("cannot write " + file + ": " + e + "; attach without a resolv.conf, or mend that", e);
        }
    }

    private void requireOurs(Path file, Optional<ResolvConfMaker> before) {
        if (before.isEmpty() && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new WeftException.InUse(file + " is there already, and Weft has not made it; remove it, or attach without a resolv.conf");
        }
        before.filter(maker -> maker.isAnotherOf(self)).ifPresent(maker -> {
            throw new WeftException.InUse(file + " is there already, made by node '" + maker.node() + "', which runs (process " + maker.pid()
                    + "); detach its endpoint, or attach without a resolv.conf");
        });
    }

    /** As containers of Docker get it: what the host's own processes find by a short name, those in the namespace find as well. */
    private Optional<String> searchOfHost() {
        try (Stream<String> lines = Files.lines(host)) {
            return lines.map(String::strip).filter(line -> line.matches("(search|domain)\\s+\\S.*"))
                    .reduce((earlier, later) -> later); // the last one counts: resolv.conf(5)
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("cannot read {}; namespaces get no search list", host, e);
            return Optional.empty();
        }
    }

    /** Does nothing when the file is somebody else's by now, or gone. */
    void remove(String namespace) {
        Path file = file(namespace);
        try {
            Optional<ResolvConfMaker> maker = maker(file).filter(made -> made.nodeId().equals(self.nodeId()) && !made.isAnotherOf(self));
            if (maker.isPresent()) {
                Files.delete(file);
                if (maker.get().directoryToo()) {
                    Files.delete(file.getParent());
                }
            }
        } catch (DirectoryNotEmptyException e) {
            LOG.debug("{} has files of others by now, and stays", file.getParent());
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}; remove it by hand", file, e.toString());
        }
    }

    /** The namespaces that have a file of this node's, also of a process before this one. */
    List<String> namespaces() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(Files::isDirectory).filter(path -> isOwn(path.resolve(NAME))).map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            LOG.warn("cannot look for what is left in {}: {}", directory, e.toString());
            return List.of();
        }
    }

    /** Those of a node that does not run. @return what was removed */
    public List<String> removeAll() {
        List<String> own = namespaces();
        own.forEach(this::remove);
        return own.stream().map(this::file).filter(file -> !Files.exists(file)).map(file -> "file " + file).toList();
    }

    private boolean isOwn(Path file) {
        try {
            return maker(file).filter(maker -> maker.nodeId().equals(self.nodeId())).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** Empty: there is no file, or none of Weft's. */
    private static Optional<ResolvConfMaker> maker(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (var lines = Files.newBufferedReader(file)) {
            return Optional.ofNullable(lines.readLine()).flatMap(ResolvConfMaker::parse);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
