package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.store.Access;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/** {@link Access} as ZooKeeper's ACLs, whose expressions {@link NodeAuthorization} understands. Managers are ZooKeeper's super users. */
final class Acls {

    static final String SCHEME = "weft";
    /** Any member. */
    static final String MEMBER = "member";
    /** A member, for entries named after it. */
    static final String NAMED = "named";
    /** A member, for entries that it made. */
    static final String MAKER = "maker";
    private static final String NODE = "node:";
    /** Nobody; an empty list would mean everybody. */
    private static final String NOBODY = "nobody";

    private Acls() {
    }

    /** @param maker id of the node that makes the entry */
    static List<ACL> of(Access access, String maker) {
        return switch (access) {
            case READ -> list(acl(Perms.READ, MEMBER));
            case NONE -> list(acl(Perms.ALL, NOBODY));
            case NAMED -> list(acl(Perms.READ, MEMBER), acl(Perms.CREATE | Perms.DELETE, NAMED));
            case SHARED -> list(acl(Perms.READ, MEMBER), acl(Perms.CREATE | Perms.DELETE, MAKER));
            case RESIGNABLE -> list(acl(Perms.READ, MEMBER), acl(Perms.DELETE, NAMED));
            case OWNED -> list(acl(Perms.READ, MEMBER), acl(Perms.WRITE | Perms.CREATE | Perms.DELETE, NODE + maker));
        };
    }

    static boolean isOwned(List<ACL> acl, String node) {
        return of(Access.OWNED, node).equals(acl);
    }

    /** Whether an entry is another node's own. */
    static boolean isOwnedByAnother(List<ACL> acl, String node) {
        return acl.stream().map(each -> each.getId().getId()).anyMatch(id -> id.startsWith(NODE) && !id.equals(NODE + node));
    }

    static boolean isOf(String expression, String node) {
        return expression.equals(NODE + node);
    }

    private static ACL acl(int permissions, String expression) {
        return new ACL(permissions, new Id(SCHEME, expression));
    }

    /** ZooKeeper asks the list whether it contains null, and the JDK's immutable ones throw at that. */
    private static List<ACL> list(ACL... acls) {
        return new ArrayList<>(List.of(acls));
    }
}
