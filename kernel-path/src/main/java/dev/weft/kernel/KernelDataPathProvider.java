package dev.weft.kernel;

import dev.weft.api.DataPathKind;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.ffm.libc.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Opens the kernel path: Linux, and the privileges to make namespaces and interfaces. */
public final class KernelDataPathProvider implements DataPathProvider {

    @Override
    public DataPathKind kind() {
        return DataPathKind.KERNEL;
    }

    @Override
    public Capabilities probe(DataPathConfig config) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Capabilities.unusable("the kernel path needs Linux, this is " + System.getProperty("os.name"));
        }
        try {
            requirePrivileges();
            try (Uplink uplink = Uplink.open(config)) {
                String release = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
                return new Capabilities(true, "the kernel carries the packets over " + uplink.link().name(), EncryptionProbe.clearOnly(config),
                        List.of("kernel=" + release, "uplink=" + uplink.link().name(), "mtu=" + uplink.link().mtu()));
            }
        } catch (WeftException e) {
            return Capabilities.unusable(e.getMessage());
        } catch (IOException e) {
            return Capabilities.unusable("cannot read /proc: " + e.getMessage());
        }
    }

    @Override
    public DataPath open(DataPathConfig config) {
        requirePrivileges();
        return KernelDataPath.open(config);
    }

    private static void requirePrivileges() {
        if (!Capability.NET_ADMIN.isEffective() || !Capability.SYS_ADMIN.isEffective()) {
            throw new WeftException.PrivilegeMissing("the kernel path makes interfaces and namespaces and this process may not;"
                    + " run as root, or give it CAP_NET_ADMIN and CAP_SYS_ADMIN, or take the data path 'socket'");
        }
    }
}
