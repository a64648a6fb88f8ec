package dev.weft.mesh.ensemble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.ensemble.ManagersOfOneJvm.Manager;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.pki.TestAuthority;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two managers allocate at once, on real servers of the store, while a third one, which leads, dies. */
class NothingTwiceTest {

    private static final int MTU = 1450;
    private static final int BEFORE = 15;
    private static final int AFTER = 30;

    @TempDir
    private Path directory;

    @Test
    void shouldGiveNoAddressVipMacOrVniTwice() throws Exception {
        try (ManagersOfOneJvm managers = new ManagersOfOneJvm(directory)) {
            Manager first = managers.found();
            managers.join();
            managers.join();
            managers.awaitEnsemble(List.of(1, 2, 3), List.of());
            NetworkRecord shared = first.registries().networks().create(NetworkSpec.named("shared").subnet("10.9.0.0/23").build(), MTU, List.of());
            Manager leader = managers.leader();
            List<Allocator> allocators = managers.running().values().stream().filter(manager -> manager != leader)
                    .map(manager -> new Allocator(manager, shared)).toList();

            allocateWhileOneDies(allocators, managers, leader.number());

            allocators.forEach(allocator -> assertNothingTwice(allocator, allocators));
        }
    }

    private static void allocateWhileOneDies(List<Allocator> allocators, ManagersOfOneJvm managers, int leader) throws Exception {
        List<Future<?>> ends = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(allocators.size());
        try {
            allocators.forEach(allocator -> ends.add(threads.submit(allocator::run)));
            Await.until("both allocate", () -> allocators.stream().allMatch(allocator -> allocator.acknowledged() >= BEFORE));
            managers.kill(leader);
            List<Integer> then = allocators.stream().map(Allocator::acknowledged).toList();
            Await.until("both go on without it", () -> allocators.stream()
                    .allMatch(allocator -> allocator.acknowledged() >= then.get(allocators.indexOf(allocator)) + AFTER));
        } finally {
            allocators.forEach(Allocator::stop);
            threads.close();
        }
        for (Future<?> end : ends) {
            end.get();
        }
    }

    /** What was acknowledged is there, and all that is there, acknowledged or not, is there once. */
    private static void assertNothingTwice(Allocator asked, List<Allocator> allocators) {
        Set<InetAddress> addresses = new HashSet<>();
        Set<MacAddress> macs = new HashSet<>();
        List<EndpointRecord> endpoints = asked.registries.endpoints().of(asked.shared);
        List<ServiceRecord> services = asked.registries.services().of(asked.shared);
        Stream.concat(endpoints.stream().flatMap(endpoint -> endpoint.addresses().stream()),
                services.stream().flatMap(service -> service.vips().stream()))
                .forEach(address -> assertTrue(addresses.add(address), address + " is there twice"));
        endpoints.forEach(endpoint -> assertTrue(macs.add(endpoint.mac()), endpoint.mac() + " is there twice"));
        List<NetworkRecord> networks = asked.registries.networks().all();
        assertEquals(networks.size(), networks.stream().map(NetworkRecord::vni).distinct().count(), networks.toString());
        assertEquals(networks.size(), networks.stream().flatMap(network -> network.subnets().stream()).map(subnet -> subnet.cidr()).distinct()
                .count());
        for (Allocator allocator : allocators) {
            assertTrue(endpoints.containsAll(allocator.endpoints));
            assertTrue(services.containsAll(allocator.services));
            assertTrue(networks.containsAll(allocator.networks));
        }
    }

    /** One manager, on a thread of its own; the same seed for all, so that they go for the same. */
    private static final class Allocator {
        private final String prefix;
        private final NodeRecord node;
        private final Registries registries;
        private final NetworkRecord shared;
        private final List<EndpointRecord> endpoints = new CopyOnWriteArrayList<>();
        private final List<ServiceRecord> services = new CopyOnWriteArrayList<>();
        private final List<NetworkRecord> networks = new CopyOnWriteArrayList<>();
        private volatile boolean stopped;

        Allocator(Manager manager, NetworkRecord shared) {
            this.prefix = "m" + manager.number() + "-";
            this.node = manager.registries().membership().find(TestAuthority.id(manager.number())).orElseThrow();
            this.registries = new Registries(manager.store(), new Random(1));
            this.shared = shared;
        }

        int acknowledged() {
            return endpoints.size() + services.size() + networks.size();
        }

        void stop() {
            stopped = true;
        }

        void run() {
            for (int number = 0; !stopped; number++) {
                String name = prefix + number;
                try {
                    switch (number % 4) {
                        case 0 -> networks.add(registries.networks().create(NetworkSpec.named(name).build(), MTU, List.of()));
                        case 1 -> services.add(registries.services().create(shared, ServiceSpec.vip(name, "nobody")));
                        default -> endpoints.add(registries.endpoints().create(shared, EndpointSpec.inProcess(name).build(), node));
                    }
                } catch (WeftException.ManagerUnreachable e) {
                    continue; // it may have been made, and then it is there, once
                }
            }
        }
    }
}
