package dev.weft.mesh.dns;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name servers of the host: those that the node was told, else those of resolv.conf, which is read again when it has changed.
 * A gateway of this node is never among them, or questions would come back. Thread-safe.
 */
final class UpstreamServers implements Supplier<List<InetSocketAddress>> {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamServers.class);
    private static final int PORT = 53;

    private final List<InetSocketAddress> configured;
    private final Path file;
    private final Predicate<InetAddress> isGateway;
    private FileTime read;
    private List<InetSocketAddress> found = List.of();

    /** @param configured empty: those of the file */
    UpstreamServers(List<InetSocketAddress> configured, Path file, Predicate<InetAddress> isGateway) {
        this.configured = List.copyOf(configured);
        this.file = file;
        this.isGateway = isGateway;
    }

    @Override
    public List<InetSocketAddress> get() {
        return (configured.isEmpty() ? ofFile() : configured).stream().filter(server -> !isGateway.test(server.getAddress())).toList();
    }

    private synchronized List<InetSocketAddress> ofFile() {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(read)) {
                found = parse(Files.readAllLines(file));
                read = changed;
            }
        } catch (IOException e) {
            LOG.debug("cannot read {}; names outside of networks are asked where they were before", file, e);
        }
        return found;
    }

    /** The {@code nameserver} lines of resolv.conf(5). */
    static List<InetSocketAddress> parse(List<String> lines) {
        return lines.stream().map(line -> line.strip().split("\\s+")).filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .flatMap(words -> address(words[1]).stream()).map(address -> new InetSocketAddress(address, PORT)).toList();
    }

    private static Optional<InetAddress> address(String literal) {
        try {
            return Optional.of(literal.contains("%") ? InetAddress.ofLiteral(literal) : Cidr.parseAddress(literal));
        } catch (IllegalArgumentException | WeftException.InvalidSpec e) {
            LOG.warn("resolv.conf names a server '{}', which is no address; left out", literal);
            return Optional.empty();
        }
    }
}
