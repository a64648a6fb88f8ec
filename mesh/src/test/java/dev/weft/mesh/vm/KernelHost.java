package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import java.util.Map;
import java.util.Optional;

/**
 * The first host has the kernel path, and the second one VXLAN and IPsec that iproute2 has set up. Inside a virtual machine: the kernel
 * needs ESP.
 */
abstract class KernelHost extends EncryptedHosts {

    static final String NODE_ID = "nodeone1";

    DataPath path;

    PairKeys open(boolean ipv6, Cipher cipher, boolean udp, SaLimit limit, long start) {
        PairKeys keys = wire(ipv6, cipher, udp, limit, start);
        b = hosts.handMade().member(VNI, 11);
        path = hosts.open(1, DataPathKind.KERNEL, NODE_ID);
        assertEquals(Optional.empty(), path.clearOnly());
        return keys;
    }

    /** With SAs at both ends. */
    PairKeys openWithKeys(boolean ipv6, Cipher cipher, boolean udp, SaLimit limit, long start) {
        PairKeys keys = open(ipv6, cipher, udp, limit, start);
        keys.offer();
        keys.switchOver();
        hosts.handMade().states(VNI);
        make();
        return keys;
    }

    void make() {
        assertEquals(Map.of(), path.apply(hosts.state(1)));
    }
}
