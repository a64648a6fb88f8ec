package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's wireguard-go: ChaCha20-Poly1305 over UDP, in user space. */
final class WireguardRival extends DaemonRival {

    WireguardRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public String name() {
        return "wireguard-go";
    }

    /** The control socket's name is the interface's, for all namespaces: so each host's has a name of its own. */
    private String device(int host) {
        return "ww" + ProcessHandle.current().pid() % 100_000 + "h" + host;
    }

    @Override
    void start(Path at) throws IOException {
        List<String> keys = List.of(Shell.words("wg genkey").strip(), Shell.words("wg genkey").strip());
        for (int host = 1; host <= 2; host++) {
            daemon(host, "wireguard-go", "-f", device(host));
            awaitDevice(host);
            String peerKey = Shell.run("sh", "-c", "echo " + keys.get(2 - host) + " | wg pubkey").strip();
            Path configuration = file("h" + host, "[Interface]\nPrivateKey=" + keys.get(host - 1) + "\nListenPort=51820\n[Peer]\nPublicKey=" + peerKey
                    + "\nAllowedIPs=10.88.0.0/24\nEndpoint=192.0.2." + (3 - host) + ":51820\n");
            Shell.in(hosts().host(host), "wg", "setconf", device(host), configuration.toString());
            Shell.words("ip -n " + hosts().host(host) + " addr add 10.88.0." + host + "/24 dev " + device(host));
            Shell.words("ip -n " + hosts().host(host) + " link set " + device(host) + " mtu 1420 up");
        }
    }

    private void awaitDevice(int host) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Shell.tryRun(Shell.inside(hosts().host(host), "wg", "show", device(host))).startsWith("interface")) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("wireguard-go did not make " + device(host));
            }
        }
    }
}
