package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.store.Access;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * What a client of the store is to it. The files are read at each connection, so that a renewal is taken up.
 *
 * @param node   id
 * @param key    PEM: private key, certificate, CA
 * @param trust  PEM: the CAs; a server's certificate has to be a manager's, which only those may use as servers
 * @param access who may do what with an entry that the client makes, by the entry's path
 */
public record StoreLogin(String node, Path key, Path trust, Function<String, Access> access) {

    ZKClientConfig configuration() {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        config.setProperty(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
        config.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
        config.setProperty("zookeeper.ssl.keyStore.location", key.toString());
        config.setProperty("zookeeper.ssl.keyStore.type", "PEM");
        config.setProperty("zookeeper.ssl.trustStore.location", trust.toString());
        config.setProperty("zookeeper.ssl.trustStore.type", "PEM");
        config.setProperty("zookeeper.ssl.hostnameVerification", "false");
        config.setProperty("zookeeper.ssl.enabledProtocols", NodeCredentials.PROTOCOL);
        config.setProperty("zookeeper.ssl.ciphersuites", String.join(",", NodeCredentials.cipherSuites()));
        return config;
    }
}
