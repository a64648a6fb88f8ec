package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.underlay.VtepOwner;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class KernelTapTest {

    private static final String VDEV = "net_null_kernel";
    private final String name = "wkt-" + ProcessHandle.current().pid();
    private NetworkNamespace namespace;

    @BeforeEach
    void makeTap() {
        namespace = NetworkNamespace.create(name);
        Shell.words("ip -n " + name + " tuntap add nic0 mode tap");
        Shell.words("ip -n " + name + " addr add 192.0.2.1/24 dev nic0");
        Shell.words("ip -n " + name + " link set nic0 mtu 9000");
        Shell.words("ip -n " + name + " addr add 198.51.100.1/24 dev lo");
    }

    @AfterEach
    void removeNamespace() {
        namespace.close();
        NetworkNamespace.delete(name);
    }

    private UplinkName find(String uplink, String vtep) {
        return namespace.call(() -> UplinkName.find(config(uplink, vtep)));
    }

    private DataPathConfig config(String uplink, String vtep) {
        return AfXdpNode.config(vtep, uplink, name);
    }

    @Test
    void shouldTakeATapThatHasTheDataPathAddressForTheKernelsSideOfADevice() {
        UplinkName found = find(VDEV, "192.0.2.1");

        assertEquals(VtepOwner.KERNEL_BEHIND, found.owner());
        assertEquals("nic0", found.tap().orElseThrow().name());
        assertEquals(VtepOwner.PIPELINE, find(VDEV, "192.0.2.9").owner());
        assertEquals(VtepOwner.PIPELINE, find(VDEV, "198.51.100.1").owner(), "no tap");
        assertEquals(VtepOwner.KERNEL_BESIDE, find("nic0", "192.0.2.1").owner(), "no device of DPDK's");
    }

    @Test
    void shouldMakeTheTapWhatTheDeviceIsAndLeaveItThere() {
        Eal eal = Eal.start();
        try (MbufPool pool = new MbufPool(eal, 511, 2048); EthDev device = EthDev.open(eal, "vdev", VDEV, "", pool.mempool())) {
            KernelTap tap = namespace.call(() -> KernelTap.attach(find(VDEV, "192.0.2.1").tap().orElseThrow()));
            try (Port port = namespace.call(() -> tap.port(device, pool))) {
                String link = Shell.words("ip -n " + name + " link show nic0");
                assertTrue(link.contains("mtu " + device.mtu()) && link.contains("link/ether " + device.mac()) && link.contains("LOWER_UP"), link);
                assertEquals("kernel", port.name());
                WeftException busy = assertThrows(WeftException.DataPathUnavailable.class, () -> namespace.call(() ->
                        KernelTap.attach(find(VDEV, "192.0.2.1").tap().orElseThrow())));
                assertTrue(busy.getMessage().contains("another process has it open"), busy.getMessage());
            }
        }
        String left = Shell.words("ip -n " + name + " addr show nic0");
        assertTrue(left.contains("NO-CARRIER") && left.contains("192.0.2.1/24"), left);
    }

    @Test
    void shouldTakeTheTapUpAgainThatSomebodyRemovedAndMadeAgain() {
        try (DataPath path = new DpdkDataPathProvider().open(config("net_null_again,no-rx=1", "192.0.2.1"))) {
            String mac = macOfTap();
            assertKernelIsHeard(path);

            Shell.words("ip -n " + name + " link del nic0");
            until("its port is closed", () -> openTaps() == 0);
            Shell.words("ip -n " + name + " tuntap add nic0 mode tap");
            Shell.words("ip -n " + name + " addr add 192.0.2.1/24 dev nic0");

            until("it has a carrier", () -> Shell.words("ip -n " + name + " link show nic0").contains("LOWER_UP"));
            assertEquals(mac, macOfTap());
            assertKernelIsHeard(path);
            assertEquals(1, openTaps());
            assertEquals(0, path.counters().value("poller", "failures"));
        }
        assertEquals(0, openTaps());
    }

    /** It asks for a neighbour that nobody is, by a broadcast. */
    private void assertKernelIsHeard(DataPath path) {
        long before = path.counters().value("uplink", "tx-packets");
        until("what the kernel sends goes out", () -> {
            namespace.call(() -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral("192.0.2.9"), 9));
                }
                return name;
            });
            return path.counters().value("uplink", "tx-packets") > before;
        });
    }

    private static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "not within a minute: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private String macOfTap() {
        return Shell.words("ip -n " + name + " -br link show nic0").split("\\s+")[2];
    }

    private static long openTaps() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> {
                try {
                    return Files.readSymbolicLink(each).endsWith("net/tun");
                } catch (IOException e) {
                    return false; // closed meanwhile
                }
            }).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
