package dev.weft.mesh.dns;

import dev.weft.api.Cidr;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Predicate;

/**
 * The names of one network and what they stand for. Immutable, and a pure function of the network's records: the same records
 * give the same names, with addresses in the same order. Names are told from one another without regard to case.
 *
 * <pre>
 *   ENDPOINT        its addresses
 *   SERVICE         its VIPs; by DNS round robin the addresses of its live backends
 *   tasks.SERVICE   the addresses of its live backends
 *   ALIAS           the addresses of all endpoints that have it
 *   any.NETWORK     the same as without the network's name
 * </pre>
 *
 * Endpoints and services share one space of names in the store. Aliases are claimed by nobody: one never covers a name above it.
 */
public final class NetworkNames {

    private static final String TASKS = "tasks.";

    private final String network;
    private final List<Cidr> subnets;
    private final Map<String, SequencedSet<InetAddress>> addresses = new HashMap<>();
    private final Map<InetAddress, SequencedSet<String>> names = new HashMap<>();

    private NetworkNames(NetworkRecord network) {
        this.network = key(network.name());
        this.subnets = network.subnets().stream().map(SubnetRecord::cidr).toList();
    }

    /**
     * @param present the endpoints of live nodes, and external ones
     * @param serves  to which of them services may send clients
     */
    public static NetworkNames of(NetworkRecord network, Collection<EndpointRecord> present, Predicate<EndpointRecord> serves,
                                  Collection<ServiceRecord> services) {
        NetworkNames names = new NetworkNames(network);
        Map<String, EndpointRecord> serving = new HashMap<>();
        for (EndpointRecord endpoint : present) {
            if (serves.test(endpoint)) {
                serving.put(endpoint.name(), endpoint);
            }
            names.add(endpoint.name(), endpoint.addresses());
            endpoint.addresses().forEach(address -> names.addReverse(address, endpoint.name(), network.name()));
        }
        for (ServiceRecord service : services) {
            names.add(service.name(), switch (service.mode()) {
                case VIP -> service.vips();
                case DNSRR -> backends(service, serving);
            });
            service.vips().forEach(vip -> names.addReverse(vip, service.name(), network.name()));
        }
        services.forEach(service ->
                names.addresses.putIfAbsent(key(TASKS + service.name()), new LinkedHashSet<>(backends(service, serving))));
        aliases(present).forEach(names.addresses::putIfAbsent);
        present.forEach(endpoint -> endpoint.aliases().forEach(alias ->
                endpoint.addresses().forEach(address -> names.addReverse(address, alias, network.name()))));
        return names;
    }

    private static List<InetAddress> backends(ServiceRecord service, Map<String, EndpointRecord> serving) {
        return service.backends().stream().filter(serving::containsKey).flatMap(name -> serving.get(name).addresses().stream()).toList();
    }

    private static Map<String, SequencedSet<InetAddress>> aliases(Collection<EndpointRecord> present) {
        Map<String, SequencedSet<InetAddress>> aliases = new HashMap<>();
        present.forEach(endpoint -> endpoint.aliases().forEach(alias ->
                aliases.computeIfAbsent(key(alias), _ -> new LinkedHashSet<>()).addAll(endpoint.addresses())));
        return aliases;
    }

    private void add(String name, List<InetAddress> more) {
        addresses.computeIfAbsent(key(name), _ -> new LinkedHashSet<>()).addAll(more);
    }

    private void addReverse(InetAddress address, String name, String networkName) {
        names.computeIfAbsent(address, _ -> new LinkedHashSet<>()).add(name + "." + networkName);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /**
     * What a name stands for.
     *
     * @param name without a dot at its end
     * @return none when there is no such name; an empty list when it stands for nothing at the moment
     */
    public Optional<List<InetAddress>> addresses(String name) {
        String key = key(name);
        SequencedSet<InetAddress> found = addresses.get(key);
        if (found == null && key.endsWith("." + network)) {
            found = addresses.get(key.substring(0, key.length() - network.length() - 1));
        }
        if (found == null && key.equals(network)) {
            found = new LinkedHashSet<>(); // RFC 8020, 2: a name that others end in is never one that does not exist
        }
        return Optional.ofNullable(found).map(List::copyOf);
    }

    /** The names of an address, each with the network's behind it: its endpoint's or service's first, then aliases. */
    public List<String> names(InetAddress address) {
        return List.copyOf(names.getOrDefault(address, new LinkedHashSet<>()));
    }

    /**
     * True when the name is this network's to answer for, whether it has it or not: a stranger is never asked for it. A name
     * without a dot is, since outside of networks there are none (RFC 7085).
     */
    public boolean isOwn(String name) {
        String key = key(name);
        return key.indexOf('.') < 0 || key.endsWith("." + network) || addresses.containsKey(key)
                || key.startsWith(TASKS) && key.indexOf('.', TASKS.length()) < 0;
    }

    /** True when the address is of one of the network's subnets. */
    public boolean isOwn(InetAddress address) {
        return subnets.stream().anyMatch(subnet -> subnet.contains(address));
    }
}
