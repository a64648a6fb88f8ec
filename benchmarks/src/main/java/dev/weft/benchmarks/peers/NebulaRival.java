package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import java.io.IOException;
import java.nio.file.Path;

/** Debian's nebula: AES-256-GCM over UDP, one host the other's lighthouse. */
final class NebulaRival extends DaemonRival {

    private static final String CONFIGURATION = """
            pki: {ca: %1$s/ca.crt, cert: %1$s/h%2$d.crt, key: %1$s/h%2$d.key}
            static_host_map: {"10.88.0.1": ["192.0.2.1:4242"], "10.88.0.2": ["192.0.2.2:4242"]}
            lighthouse: {am_lighthouse: %3$s, hosts: [%4$s]}
            listen: {host: 192.0.2.%2$d, port: 4242, read_buffer: 10485760, write_buffer: 10485760}
            cipher: aes
            punchy: {punch: false}
            tun: {dev: nebula1, mtu: 1400, tx_queue: 1000}
            logging: {level: warning}
            firewall: {outbound: [{port: any, proto: any, host: any}], inbound: [{port: any, proto: any, host: any}]}
            """;

    NebulaRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public String name() {
        return "nebula";
    }

    @Override
    void start(Path at) throws IOException {
        Shell.run("nebula-cert", "ca", "-name", "bench", "-out-crt", at + "/ca.crt", "-out-key", at + "/ca.key");
        for (int host = 1; host <= 2; host++) {
            Shell.run("nebula-cert", "sign", "-ca-crt", at + "/ca.crt", "-ca-key", at + "/ca.key", "-name", "h" + host,
                    "-ip", "10.88.0." + host + "/24", "-out-crt", at + "/h" + host + ".crt", "-out-key", at + "/h" + host + ".key");
            Path configuration = file("h" + host + ".yml", CONFIGURATION.formatted(at, host, host == 1, host == 1 ? "" : "\"10.88.0.1\""));
            daemon(host, "nebula", "-config", configuration.toString());
        }
    }
}
