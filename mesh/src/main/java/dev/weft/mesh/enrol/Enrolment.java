package dev.weft.mesh.enrol;

import dev.weft.mesh.identity.ManagerAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a member gets.
 *
 * @param certificate PEM: the node's own, then the CA that signed it
 * @param trusted     PEM of every CA to trust
 * @param stores      where the cluster store is served: {@code HOST:PORT}
 * @param seal        for a manager: what opens the managers' secrets; empty for a worker
 */
public record Enrolment(String certificate, List<String> trusted, List<String> stores, String seal) {

    public Enrolment {
        trusted = List.copyOf(trusted);
        stores = List.copyOf(stores);
    }

    /** {@link #stores} as addresses. */
    public List<InetSocketAddress> storeAddresses() {
        return stores.stream().map(ManagerAddress::parse).toList();
    }

    /** Never shows the seal. */
    @Override
    public String toString() {
        return "Enrolment[" + stores + "]";
    }
}
