package dev.weft.dpdk;

import dev.weft.api.DataPathKind;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.LinuxSocketPort;
import dev.weft.dpdk.port.NioSocketPort;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.SocketInterface;
import java.util.List;
import java.util.Optional;

/** Opens the pipeline over ordinary UDP sockets: no privilege, no DPDK, and with in-process endpoints no Linux. */
public final class SocketDataPathProvider implements DataPathProvider {

    private static final String UPLINK = "uplink";
    private static final int MIN_DATA_ROOM = 2048;
    private static final int MAX_BUFFERS = 8192;
    private static final int MIN_BUFFERS = 2048;
    /** Packet memory that a data path takes, unless its packets are so long that {@link #MIN_BUFFERS} are more. */
    private static final int MEMORY = 32 << 20;

    @Override
    public DataPathKind kind() {
        return DataPathKind.SOCKET;
    }

    @Override
    public Capabilities probe(DataPathConfig config) {
        try {
            SocketInterface found = UplinkNamespace.call(config.namespace(), () -> SocketInterface.of(config.vtep()));
            return new Capabilities(true, "a UDP socket at " + config.vtep().getHostAddress() + " over " + found.name()
                    + " carries the packets", GcmEngines.choose().clearOnly(), List.of("uplink=" + found.name(), "mtu=" + found.mtu()));
        } catch (WeftException e) {
            return Capabilities.unusable(e.getMessage());
        }
    }

    @Override
    public DataPath open(DataPathConfig config) {
        return new UserSpaceDataPath(DataPathKind.SOCKET, config, UplinkNamespace.call(config.namespace(), () -> uplink(config)));
    }

    private static Uplink uplink(DataPathConfig config) {
        SocketInterface found = SocketInterface.of(config.vtep());
        int dataRoom = Math.max(MIN_DATA_ROOM, found.mtu());
        PacketPool pool = new ArenaPool(Math.clamp(MEMORY / dataRoom, MIN_BUFFERS, MAX_BUFFERS), dataRoom);
        Port port = socket(config, pool, found.mtu());
        return new Uplink(port, Optional.empty(), pool, found.mtu(), Optional.empty(), PollerThread.ThreadEntry.NONE, () -> { },
                port.clearOnly(), List.of("uplink=" + found.name(), "socket=" + (port instanceof LinuxSocketPort ? "recvmmsg" : "nio")));
    }

    /** System calls by FFM where they are known and allowed, NIO everywhere else. */
    private static Port socket(DataPathConfig config, PacketPool pool, int mtu) {
        if (isLinux()) {
            try {
                return new LinuxSocketPort(UPLINK, pool, config.vtep(), config.port(), config.espPort(), mtu);
            } catch (IllegalCallerException | LinkageError _) {
                // Native access is denied to this module (--illegal-native-access=deny).
            }
        }
        return new NioSocketPort(UPLINK, pool, config.vtep(), config.port(), config.espPort());
    }

    private static boolean isLinux() {
        return System.getProperty("os.name").equals("Linux");
    }
}
