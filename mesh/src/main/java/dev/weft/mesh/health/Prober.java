package dev.weft.mesh.health;

import dev.weft.api.Attachment;
import dev.weft.api.HealthCheck;
import dev.weft.api.WeftException;
import dev.weft.api.path.NamespaceThreads;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;

/**
 * Tries once whether an endpoint is healthy. TCP and HTTP come from its own namespace and go to its overlay address, which the kernel
 * delivers by the loopback interface: no other node's data path, firewall or load has a part in the answer.
 */
public final class Prober {

    private final Optional<NamespaceThreads> namespaces;

    /** @param namespaces none: endpoints in namespaces cannot be probed, and every try fails for that reason */
    public Prober(Optional<NamespaceThreads> namespaces) {
        this.namespaces = namespaces;
    }

    /** With what is on the module or class path. */
    public static Prober installed() {
        return new Prober(ServiceLoader.load(NamespaceThreads.class).findFirst());
    }

    /** @return why it failed; empty when the endpoint is healthy. Takes as long as the probe's timeout, and somewhat more at worst */
    Optional<String> attempt(Attachment attachment, InetAddress address, HealthCheck check) {
        Callable<Optional<String>> work = () -> attempt(address, check);
        try {
            return attachment instanceof Attachment.NetworkNamespace inside ? threads().call(inside.namespace(), work) : work.call();
        } catch (WeftException e) {
            return Optional.of(e.getMessage());
        } catch (Exception e) {
            return Optional.of(e.toString());
        }
    }

    private NamespaceThreads threads() {
        return namespaces.orElseThrow(() -> new WeftException.DataPathUnavailable(
                "nothing here can enter a network namespace: add the dependency dev.weft:weft-kernel-path"));
    }

    private static Optional<String> attempt(InetAddress address, HealthCheck check) {
        int millis = Math.toIntExact(check.timeout().toMillis());
        try {
            return switch (check.probe()) {
                case HealthCheck.Callback(var isHealthy) -> isHealthy.call() ? Optional.empty() : Optional.of("it says that it is not healthy");
                case HealthCheck.Tcp(int port) -> connect(address, port, millis);
                case HealthCheck.Http http -> get(address, http, millis);
            };
        } catch (Throwable e) { // of a callback also an error: a try that never ends would be its last one
            return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private static Optional<String> connect(InetAddress address, int port, int millis) throws IOException {
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(new InetSocketAddress(address, port), millis);
            return Optional.empty();
        }
    }

    /** Connections are not kept: the JDK keeps them by address, which endpoints of several networks may share. */
    private static Optional<String> get(InetAddress address, HealthCheck.Http http, int millis) throws IOException {
        String host = address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
        URI uri = URI.create("http://" + host + ":" + http.port() + http.path());
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setRequestProperty("Connection", "close");
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setConnectTimeout(millis);
            connection.setReadTimeout(millis);
            int status = connection.getResponseCode();
            return status == http.status() ? Optional.empty() : Optional.of("HTTP status " + status + " instead of " + http.status());
        } finally {
            connection.disconnect();
        }
    }
}
