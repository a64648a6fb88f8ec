package dev.weft.kernel;

import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PortPublisherProvider;
import dev.weft.ffm.libc.Capability;
import java.util.List;

/** Published ports on Linux, beside any data path. */
public final class KernelPortPublisherProvider implements PortPublisherProvider {

    @Override
    public Capabilities probe(DataPathConfig config) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Capabilities.unusable("published ports need Linux, this is " + System.getProperty("os.name"));
        }
        if (!Capability.NET_ADMIN.isEffective() || !Capability.SYS_ADMIN.isEffective()) {
            return Capabilities.unusable("published ports need rules in network namespaces and this process may not make them; run as root, or give "
                    + "it CAP_NET_ADMIN and CAP_SYS_ADMIN");
        }
        return new Capabilities(true, "nf_tables publishes ports", List.of());
    }

    @Override
    public PortPublisher open(DataPathConfig config) {
        return KernelPortPublisher.open(config);
    }
}
