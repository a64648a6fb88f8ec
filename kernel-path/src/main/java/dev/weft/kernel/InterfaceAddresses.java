package dev.weft.kernel;

import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.InterfaceAddress;
import java.util.List;

/** Makes the addresses of one interface so. */
final class InterfaceAddresses {

    private InterfaceAddresses() {
    }

    static void reconcile(AddressTable table, int link, List<InterfaceAddress> wanted) {
        List<InterfaceAddress> found = of(table, link);
        List<InterfaceAddress> surplus = found.stream().filter(address -> !wanted.contains(address)).toList();
        surplus.forEach(table::remove);
        // With an IPv4 address the kernel removes those of its subnet that came after it (promote_secondaries).
        Difference.reconcile(surplus.isEmpty() ? found : of(table, link), wanted, table::remove, table::add);
    }

    private static List<InterfaceAddress> of(AddressTable table, int link) {
        return table.list().stream().filter(address -> address.link() == link).toList();
    }
}
