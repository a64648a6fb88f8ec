package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A NIC that DPDK drives by vfio, beside the kernel's driver of another one on the same wire. The machine has two e1000e at
 * {@link #OURS} and {@link #ITS}, a vmxnet3 at {@link #WIDE}, and an IOMMU.
 *
 * <pre>
 *   a --- host 1: DPDK --- 0000:00:10.0 --- wire --- 0000:00:11.0 up0 --- host 2: kernel path --- b
 *                  nic0 (tap)
 * </pre>
 */
@Tag("vm-pci")
class PciNicTest extends EncryptedHosts {

    private static final String OURS = "0000:00:10.0";
    /** By which DPDK has several queues. */
    private static final String WIDE = "0000:00:12.0";
    private static final String ITS = "0000:00:11.0";
    private static final Path DEVICES = Path.of("/sys/bus/pci/devices");
    private static final String HUGE_PAGES = "128";

    @BeforeEach
    void bindNics() throws IOException {
        Files.writeString(Path.of("/proc/sys/vm/nr_hugepages"), HUGE_PAGES);
        Shell.words("modprobe -a vfio-pci e1000e");
        bind(OURS, "vfio-pci");
        bind(WIDE, "vfio-pci");
    }

    /** Once: EAL keeps what it has opened of vfio, and the kernel would wait for it. */
    private static void bind(String address, String driver) throws IOException {
        Path device = DEVICES.resolve(address);
        if (driver.equals(driverOf(device))) {
            return;
        }
        if (Files.exists(device.resolve("driver"))) {
            Files.writeString(device.resolve("driver/unbind"), address);
        }
        Files.writeString(device.resolve("driver_override"), driver);
        Files.writeString(Path.of("/sys/bus/pci/drivers_probe"), address);
        assertEquals(driver, driverOf(device));
    }

    private static String driverOf(Path device) throws IOException {
        Path driver = device.resolve("driver");
        return Files.exists(driver) ? driver.toRealPath().getFileName().toString() : "none";
    }

    private void plugIn(String nic, boolean ipv6) throws IOException {
        int prefix = ipv6 ? 64 : 24;
        String options = ipv6 ? " nodad" : "";
        Shell.words("ip -n " + hosts.host(1) + " link del up0"); // and its other end
        Shell.words("ip -n " + hosts.host(1) + " tuntap add nic0 mode tap");
        Shell.words("ip -n " + hosts.host(1) + " addr add " + hosts.vtep(1) + "/" + prefix + " dev nic0" + options);
        Shell.words("ip link set " + nameOfIts() + " netns " + hosts.host(2) + " name up0");
        Shell.words("ip -n " + hosts.host(2) + " addr add " + hosts.vtep(2) + "/" + prefix + " dev up0" + options);
        Shell.words("ip -n " + hosts.host(2) + " link set up0 up");
        hosts.uplink(1, nic);
    }

    private static String nameOfIts() throws IOException {
        try (var names = Files.list(DEVICES.resolve(ITS).resolve("net"))) {
            return names.findFirst().orElseThrow().getFileName().toString();
        }
    }

    private DataPath speakEncrypted(String nic, PipelineSpec pipeline, boolean ipv6) throws IOException {
        PairKeys keys = wire(ipv6, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        plugIn(nic, ipv6);
        hosts.pipeline(1, pipeline);
        b = hosts.member("b", VNI, 2, 11);
        keys.offer();
        keys.switchOver();
        DataPath far = hosts.open(2, DataPathKind.KERNEL);
        assertEquals(Map.of(), far.apply(hosts.state(2)));
        DataPath near = hosts.open(1, DataPathKind.DPDK);
        assertEquals(Optional.empty(), near.clearOnly());
        assertTrue(near.properties().contains("vtep=shared with the kernel by nic0"), near.properties().toString());
        assertEquals(Map.of(), near.apply(hosts.state(1)));
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            pingUntilAnswered();
            transferBothWays();
            wire.assertNothingButEsp();
        }
        assertTrue(near.saUsage().stream().allMatch(sa -> sa.sequence() > 1L << 32), near.saUsage().toString());
        String kernels = Shell.in(hosts.host(2), "ping", "-q", "-c", "1", "-w", "20", hosts.vtep(1));
        assertTrue(kernels.contains(" 1 received"), kernels);
        return near;
    }

    @Test
    void shouldSpeakWithTheKernelPathByANicOfItsOwn() throws IOException {
        speakEncrypted(OURS, PipelineSpec.DEFAULT, false);
    }

    @Test
    void shouldSpeakWithTheKernelPathByANicOfItsOwnOverIpv6() throws IOException {
        speakEncrypted(OURS, PipelineSpec.DEFAULT, true);
    }

    /** An e1000e has two, of which earlier releases of DPDK drive one. */
    @Test
    void shouldRefuseMoreQueuesThanTheNicHas() throws IOException {
        wire(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, NEAR_WRAP);
        plugIn(OURS, false);
        hosts.pipeline(1, new PipelineSpec(0, false, 3));
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> hosts.open(1, DataPathKind.DPDK));
        assertTrue(refused.getMessage().matches("3 queues are asked for, and " + OURS + " has [12] to receive and [12] to transmit by; .*"),
                refused.getMessage());
    }

    /** The emulated one takes the configuration of RSS and puts all into the first queue. */
    @Test
    void shouldSpeakByANicWithTwoQueues() throws IOException {
        DataPath near = speakEncrypted(WIDE, new PipelineSpec(0, false, 2), false);
        assertTrue(near.properties().contains("queues=2") && near.properties().stream().anyMatch(property -> property.startsWith("rss=ipv4")),
                near.properties().toString());
        assertTrue(near.counters().value("uplink", "rx-packets:queue0") > 0, near.counters().toString());
    }

    /** A namespace gives its NIC back when it ends, and the kernel does not hurry about that. */
    @AfterEach
    @Override
    void close() {
        try {
            Shell.words("ip -n " + hosts.host(2) + " link set up0 netns 1");
        } finally {
            super.close();
        }
    }
}
