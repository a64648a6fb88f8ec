package dev.weft.mesh.vm;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import dev.weft.testing.TwoHosts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The kernel path of the first host in a process of its own, which can be killed. It has the first SAs of the test's keys. */
final class DoomedNode implements AutoCloseable {

    private static final String READY = "ready";

    private final Process process;

    private DoomedNode(Process process) {
        this.process = process;
    }

    /** Starts it and waits until it encrypts. */
    static DoomedNode start(TwoHosts hosts, TwoHosts.Member a) throws IOException {
        Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), DoomedNode.class.getName(),
                hosts.host(1), a.container())).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader reader = process.inputReader();
        if (!READY.equals(reader.readLine())) {
            throw new AssertionError("it did not start");
        }
        return new DoomedNode(process);
    }

    /** SIGKILL; it has ended when this returns. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** @param arguments the first host, the container of member a */
    public static void main(String[] arguments) {
        TwoHosts hosts = TwoHosts.of(arguments[0]);
        PairKeys keys = new PairKeys(Cipher.AES_128_GCM, false, SaLimit.DEFAULT, EncryptedHosts.NEAR_WRAP, EncryptedHosts.SEED);
        keys.offer();
        keys.switchOver();
        hosts.encrypt(EncryptedHosts.VNI, Cipher.AES_128_GCM, keys);
        hosts.member("a", EncryptedHosts.VNI, 1, 10, arguments[1]);
        hosts.member("b", EncryptedHosts.VNI, 2, 11, hosts.host(2));
        DataPath path = hosts.open(1, DataPathKind.KERNEL, KernelHost.NODE_ID);
        if (!path.apply(hosts.state(1)).isEmpty()) {
            throw new AssertionError("something could not be made");
        }
        System.out.println(READY);
        while (true) {
            LockSupport.park();
        }
    }
}
