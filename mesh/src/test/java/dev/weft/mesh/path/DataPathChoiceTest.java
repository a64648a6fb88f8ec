package dev.weft.mesh.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.DataPathKind;
import dev.weft.api.DataPathReport;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataPathChoiceTest {

    private static final RecordingDataPath DPDK = new RecordingDataPath(DataPathKind.DPDK);
    private static final RecordingDataPath KERNEL = new RecordingDataPath(DataPathKind.KERNEL);
    private static final RecordingDataPath SOCKET = new RecordingDataPath(DataPathKind.SOCKET);

    /** A provider that refuses: when it is probed or, with a failure, when it is opened. */
    private record Refusing(DataPathKind kind, WeftException failure) implements DataPathProvider {
        @Override
        public Capabilities probe(DataPathConfig config) {
            return failure == null ? Capabilities.unusable("it lacks everything") : new Capabilities(true, "looks fine", List.of());
        }

        @Override
        public DataPath open(DataPathConfig config) {
            throw failure == null ? new WeftException.DataPathUnavailable("it lacks everything") : failure;
        }
    }

    private static DataPathChoice open(DataPathKind asked, String uplink, DataPathProvider... providers) {
        DataPathConfig config = new DataPathConfig("id", Cidr.parseAddress("192.0.2.1"), 4789, Optional.ofNullable(uplink), Optional.empty(),
                PipelineSpec.DEFAULT);
        return DataPathChoice.open(asked, config, List.of(providers));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000:00:1f.6", "00:1f.6", "0000:3b:00.1,queues=2", "net_null0", "net_af_xdp1,iface=eth0", "af_xdp:eth0"})
    void shouldTakeDpdkForAnUplinkThatOnlyItCanDrive(String uplink) {
        assertEquals(DataPathKind.DPDK, open(DataPathKind.AUTO, uplink, SOCKET, KERNEL, DPDK).path().kind());
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> open(DataPathKind.AUTO, uplink, SOCKET, KERNEL));
        assertTrue(refused.getMessage().contains("DPDK"), refused.getMessage());
    }

    @Test
    void shouldPreferTheKernelAndFallBackToTheSocket() {
        assertEquals(DataPathKind.KERNEL, open(DataPathKind.AUTO, "eth0", SOCKET, DPDK, KERNEL).path().kind());

        DataPathChoice choice = open(DataPathKind.AUTO, null, SOCKET, DPDK, new Refusing(DataPathKind.KERNEL, null));

        assertEquals(new DataPathReport(DataPathKind.AUTO, DataPathKind.SOCKET,
                List.of("KERNEL: not usable; it lacks everything", "DPDK: usable, but in clear only; this data path does not encrypt",
                        "SOCKET: usable, but in clear only; this data path does not encrypt",
                        "SOCKET: chosen; it only writes down; in clear only, as are all others"), "192.0.2.1", 1500,
                List.of("recording=true")), choice.report("192.0.2.1"));
    }

    private static RecordingDataPath encrypting(DataPathKind kind) {
        RecordingDataPath path = new RecordingDataPath(kind);
        path.clearOnly = Optional.empty();
        return path;
    }

    @Test
    void shouldTakeOneThatCanEncryptBeforeOneThatCannot() {
        DataPathChoice choice = open(DataPathKind.AUTO, "eth0", encrypting(DataPathKind.SOCKET), encrypting(DataPathKind.DPDK), KERNEL);
        assertEquals(DataPathKind.DPDK, choice.path().kind());
        assertEquals(List.of("KERNEL: usable, but in clear only; this data path does not encrypt",
                "DPDK: chosen; it only writes down; it can encrypt"), choice.why());
        assertEquals(DataPathKind.SOCKET, open(DataPathKind.AUTO, "eth0", encrypting(DataPathKind.SOCKET), DPDK, KERNEL).path().kind());
        assertEquals(DataPathKind.KERNEL, open(DataPathKind.AUTO, "eth0", encrypting(DataPathKind.SOCKET), encrypting(DataPathKind.DPDK),
                encrypting(DataPathKind.KERNEL)).path().kind());
    }

    @Test
    void shouldPassOverOneThatCannotEncryptWhenItIsOpen() {
        RecordingDataPath kernel = new RecordingDataPath(DataPathKind.KERNEL) {
            @Override
            public Capabilities probe(DataPathConfig config) {
                return new Capabilities(true, "looks fine", Optional.empty(), List.of());
            }
        };
        assertEquals(DataPathKind.SOCKET, open(DataPathKind.AUTO, null, encrypting(DataPathKind.SOCKET), kernel).path().kind());
        assertEquals(false, kernel.open, "and closed again");
    }

    @Test
    void shouldFallBackWhenWhatLookedUsableDoesNotOpen() {
        DataPathChoice choice = open(DataPathKind.AUTO, null, SOCKET,
                new Refusing(DataPathKind.KERNEL, new WeftException.PrivilegeMissing("needs CAP_NET_ADMIN")));
        assertEquals(DataPathKind.SOCKET, choice.path().kind());
        assertTrue(choice.why().stream().anyMatch(each -> each.contains("CAP_NET_ADMIN")), choice.why().toString());
    }

    @Test
    void shouldSayAtOnceThatThePortIsTaken() {
        assertThrows(WeftException.PortInUse.class, () -> open(DataPathKind.AUTO, null, SOCKET,
                new Refusing(DataPathKind.KERNEL, new WeftException.PortInUse("4789"))));
    }

    @Test
    void shouldOpenOnlyWhatWasAskedFor() {
        assertEquals(DataPathKind.SOCKET, open(DataPathKind.SOCKET, "0000:00:1f.6", DPDK, KERNEL, SOCKET).path().kind());
        assertThrows(WeftException.PrivilegeMissing.class, () -> open(DataPathKind.KERNEL, null, SOCKET,
                new Refusing(DataPathKind.KERNEL, new WeftException.PrivilegeMissing("needs CAP_NET_ADMIN"))));
        assertThrows(WeftException.DataPathUnavailable.class, () -> open(DataPathKind.DPDK, null, SOCKET, new Refusing(DataPathKind.DPDK, null)));
        assertThrows(WeftException.DataPathUnavailable.class, () -> open(DataPathKind.DPDK, null, SOCKET));
    }

    @Test
    void shouldNameEveryReasonWhenNothingWorks() {
        String message = assertThrows(WeftException.DataPathUnavailable.class, () -> open(DataPathKind.AUTO, null,
                new Refusing(DataPathKind.KERNEL, new WeftException.PrivilegeMissing("needs CAP_NET_ADMIN")),
                new Refusing(DataPathKind.SOCKET, null))).getMessage();
        assertTrue(message.contains("CAP_NET_ADMIN") && message.contains("it lacks everything"), message);
    }
}
