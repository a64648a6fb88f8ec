package dev.weft.dpdk;

import dev.weft.api.DataPathKind;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.ffm.dpdk.DpdkLibraries;
import dev.weft.ffm.libc.Capability;
import java.util.List;

/** Opens the pipeline over a DPDK port. */
public final class DpdkDataPathProvider implements DataPathProvider {

    @Override
    public DataPathKind kind() {
        return DataPathKind.DPDK;
    }

    @Override
    public Capabilities probe(DataPathConfig config) {
        try {
            DpdkLibraries.Installed installed = DpdkLibraries.find();
            requirePrivileges();
            UplinkName found = UplinkNamespace.call(config.namespace(), () -> UplinkName.find(config));
            return new Capabilities(true, "DPDK " + installed.abi().release() + " carries the packets over " + found.name(),
                    GcmEngines.choose().clearOnly(), List.of("dpdk=" + installed.abi().release(), "uplink=" + found.name()));
        } catch (WeftException e) {
            return Capabilities.unusable(e.getMessage());
        }
    }

    @Override
    public DataPath open(DataPathConfig config) {
        DpdkLibraries.find();
        requirePrivileges();
        Uplink uplink = UplinkNamespace.call(config.namespace(), () -> DpdkUplink.open(config, UplinkName.find(config)));
        return new UserSpaceDataPath(DataPathKind.DPDK, config, uplink);
    }

    private static void requirePrivileges() {
        if (!Capability.NET_RAW.isEffective()) {
            throw new WeftException.PrivilegeMissing("the DPDK path opens devices and this process may not; run as root, or take the"
                    + " data path 'socket'");
        }
    }
}
