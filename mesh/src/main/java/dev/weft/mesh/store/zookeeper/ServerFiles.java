package dev.weft.mesh.store.zookeeper;

import dev.weft.api.ControlPorts;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a server has on disk besides its data:
 *
 * <pre>
 *   data/myid                   the server's id
 *   zoo.cfg                     what is the same for ever; names the file with the ensemble; written anew at each start
 *   zoo.cfg.dynamic.VERSION     the ensemble; ZooKeeper writes the next one and changes the name in zoo.cfg
 *   zoo.cfg.dynamic.next        an ensemble that was proposed to this server and not yet decided
 * </pre>
 */
final class ServerFiles {

    /** Sessions end at a multiple of this after their timeout. */
    private static final int TICK_MS = 1_000;
    static final String DATA = "data";
    private static final String NUMBER = "myid";
    private static final String STATIC = "zoo.cfg";
    private static final String DYNAMIC = STATIC + ".dynamic.";
    private static final String NEXT = DYNAMIC + "next";
    private static final String DYNAMIC_KEY = "dynamicConfigFile";

    private ServerFiles() {
    }

    /**
     * Writes what a server needs for its start.
     *
     * @param others the ensemble, for a server that is new to it
     * @return the configuration file
     */
    static Path prepare(Path directory, int id, InetAddress advertise, ControlPorts ports, QuorumText others) throws IOException {
        Path data = Files.createDirectories(directory.resolve(DATA));
        Files.writeString(data.resolve(NUMBER), Integer.toString(id));
        Path dynamic = dynamic(directory, id, advertise, ports, others);
        Properties properties = new Properties();
        properties.setProperty("dataDir", data.toString());
        properties.setProperty(DYNAMIC_KEY, dynamic.toString());
        properties.setProperty("secureClientPort", Integer.toString(ports.store()));
        properties.setProperty("secureClientPortAddress", advertise.getHostAddress());
        properties.setProperty("sslQuorum", "true");
        properties.setProperty("standaloneEnabled", "false");
        properties.setProperty("reconfigEnabled", "true");
        properties.setProperty("tickTime", Integer.toString(TICK_MS));
        properties.setProperty("initLimit", "10");
        properties.setProperty("syncLimit", "5");
        properties.setProperty("maxClientCnxns", "0");
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("4lw.commands.whitelist", "none");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "1");
        StringBuilder text = new StringBuilder();
        properties.stringPropertyNames().stream().sorted()
                .forEach(key -> text.append(key).append('=').append(properties.getProperty(key)).append('\n'));
        write(directory.resolve(STATIC), text.toString());
        removeOld(directory, dynamic);
        return directory.resolve(STATIC);
    }

    /** The ensemble as the server knew it last, with its present address; or what a server begins with that is in none. */
    private static Path dynamic(Path directory, int id, InetAddress advertise, ControlPorts ports, QuorumText others) throws IOException {
        Optional<Path> last = lastDynamic(directory);
        QuorumText known = last.isPresent() ? QuorumText.parse(Files.readString(last.get())) : others;
        boolean member = last.isPresent() && known.servers().containsKey(id);
        SortedMap<Integer, String> servers = new TreeMap<>(known.servers());
        servers.put(id, QuorumText.server(advertise, ports, !member || known.ensemble().voters().contains(id)));
        Path file = member ? last.get() : directory.resolve(DYNAMIC + "0");
        write(file, new QuorumText(servers, 0).text());
        return file;
    }

    private static Optional<Path> lastDynamic(Path directory) throws IOException {
        Path file = directory.resolve(STATIC);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        return Optional.of(directory.resolve(Path.of(properties.getProperty(DYNAMIC_KEY)).getFileName()));
    }

    /** ZooKeeper leaves every ensemble that ever was. */
    private static void removeOld(Path directory, Path dynamic) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, DYNAMIC + "*")) {
            for (Path file : files) {
                if (!file.equals(dynamic) && !file.getFileName().toString().equals(NEXT)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Forgets the others: the server starts as a quorum of one on its own data. */
    static void forgetOthers(Path directory) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, STATIC + "*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the old configuration from " + directory, e);
        }
    }

    static void copyNumber(Path data, Path store) {
        try {
            Files.copy(data.resolve(NUMBER), store.resolve(DATA).resolve(NUMBER));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + store, e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
