package dev.weft.mesh.store.zookeeper;

import dev.weft.api.ControlPorts;
import dev.weft.api.WeftException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;

/**
 * A manager's ZooKeeper server. It is a quorum of one and not a standalone server, so that it can grow. It listens on the
 * advertise address only.
 */
public final class EmbeddedServer implements AutoCloseable {

    private static final long START_TIMEOUT_MS = 20_000;
    /** Sessions end at a multiple of this after their timeout. */
    private static final int TICK_MS = 1_000;
    private static final String SERVER_ID = "1";

    private final ZooKeeperServerEmbedded server;

    static {
        Module self = EmbeddedServer.class.getModule();
        self.addReads(EmbeddedServer.class.getClassLoader().getUnnamedModule());
    }

    private EmbeddedServer(ZooKeeperServerEmbedded server) {
        this.server = server;
    }

    /**
     * Starts a server on a directory that is empty or that an earlier one left behind, however that one ended.
     *
     * @throws WeftException.PortInUse   if another process listens at the address
     * @throws WeftException.InvalidSpec if the address is not one of this machine
     */
    public static EmbeddedServer start(Path directory, InetAddress advertise, ControlPorts ports) {
        checkFree(new InetSocketAddress(advertise, ports.store()));
        checkFree(new InetSocketAddress(advertise, ports.quorum()));
        checkFree(new InetSocketAddress(advertise, ports.election()));
        try {
            prepare(directory);
            return started(directory, configuration(directory, advertise, ports), new InetSocketAddress(advertise, ports.store()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the cluster store's directory " + directory, e);
        }
    }

    private static EmbeddedServer started(Path directory, Properties configuration, InetSocketAddress address) {
        ZooKeeperServerEmbedded server = null;
        try {
            server = ZooKeeperServerEmbedded.builder().baseDir(directory).configuration(configuration)
                    .exitHandler(ExitHandler.LOG_ONLY).build();
            server.start(START_TIMEOUT_MS);
            return new EmbeddedServer(server);
        } catch (Exception e) {
            if (server != null) {
                server.close();
            }
            throw new WeftException.ManagerUnreachable("the cluster store did not start at " + address
                    + "; see the log for ZooKeeper's reason, and check that the loopback interface is up", e);
        }
    }

    private static void checkFree(InetSocketAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("assign")) {
                throw new WeftException.InvalidSpec("advertise address " + address.getAddress().getHostAddress()
                        + " is not an address of this machine; give one that is", e);
            }
            throw new WeftException.PortInUse("TCP port " + address.getPort() + " on " + address.getAddress().getHostAddress()
                    + " cannot be taken (" + e.getMessage() + "); stop who has it, or choose another port", e);
        }
    }

    private static void prepare(Path directory) throws IOException {
        Path data = Files.createDirectories(directory.resolve("data"));
        Files.writeString(data.resolve("myid"), SERVER_ID);
        // ZooKeeper writes its configuration to a new file of this name at every start and never removes one
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, "zookeeper.configuration*")) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    private static Properties configuration(Path directory, InetAddress advertise, ControlPorts ports) {
        String literal = advertise.getHostAddress();
        String host = literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal;
        Properties properties = new Properties();
        properties.setProperty("dataDir", directory.resolve("data").toString());
        properties.setProperty("server." + SERVER_ID, host + ":" + ports.quorum() + ":" + ports.election()
                + ":participant;" + host + ":" + ports.store());
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
        return properties;
    }

    @Override
    public void close() {
        server.close();
    }
}
