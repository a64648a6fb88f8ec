package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.NodeCredentials;
import java.util.Map;

/** ZooKeeper's settings for TLS that it reads from the process's properties: the same for every server of a process. */
final class ServerSecurity {

    private static final String SUITES = String.join(",", NodeCredentials.cipherSuites());

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("zookeeper.serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory"),
            Map.entry("zookeeper.authProvider." + NodeAuthentication.SCHEME, NodeAuthentication.class.getName()),
            Map.entry("zookeeper.authProvider." + Acls.SCHEME, NodeAuthorization.class.getName()),
            Map.entry("zookeeper.DigestAuthenticationProvider.enabled", "false"),
            Map.entry("zookeeper.ssl.authProvider", NodeAuthentication.SCHEME),
            Map.entry("zookeeper.ssl.enabledProtocols", NodeCredentials.PROTOCOL),
            Map.entry("zookeeper.ssl.ciphersuites", SUITES),
            Map.entry("zookeeper.ssl.quorum.context.supplier.class", QuorumContext.class.getName()),
            Map.entry("zookeeper.ssl.quorum.enabledProtocols", NodeCredentials.PROTOCOL),
            Map.entry("zookeeper.ssl.quorum.ciphersuites", SUITES));

    private ServerSecurity() {
    }

    /** Has to come before any server starts. ZooKeeper makes the classes that are named here by reflection. */
    static void enable() {
        Module self = ServerSecurity.class.getModule();
        if (self.isNamed()) {
            self.addExports(ServerSecurity.class.getPackageName(), ServerSecurity.class.getClassLoader().getUnnamedModule());
        }
        SETTINGS.forEach(System::setProperty);
    }
}
