package dev.weft.mesh.store.zookeeper;

import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.auth.ServerAuthenticationProvider;

/**
 * What a worker may do with an entry. ZooKeeper asks for each request, with the entry's ACL or, when it is about making or removing one,
 * its parent's; a node that has been removed is refused from then on, whatever its connection is. Made by ZooKeeper itself.
 */
public final class NodeAuthorization extends ServerAuthenticationProvider {

    @Override
    public String getScheme() {
        return Acls.SCHEME;
    }

    /** Nobody can claim to be a node by saying so: {@link NodeAuthentication} knows it from the certificate. */
    @Override
    public KeeperException.Code handleAuthentication(ServerObjs server, byte[] claim) {
        return KeeperException.Code.AUTHFAILED;
    }

    @Override
    public boolean matches(ServerObjs server, MatchValues asked) {
        String node = asked.getId();
        String expression = asked.getAclExpr();
        if (!isMember(server.getZks().getZKDatabase(), node)) {
            return false;
        }
        return switch (expression) {
            case Acls.MEMBER -> true;
            case Acls.NAMED -> isNamedAfter(asked.getPath(), node) && makesItsOwn(asked, node);
            case Acls.MAKER -> makesItsOwn(asked, node) && removesItsOwn(server.getZks(), asked, node);
            default -> Acls.isOf(expression, node) && makesItsOwn(asked, node);
        };
    }

    private static boolean isMember(ZKDatabase database, String node) {
        return ServerScope.memberRecord(database, node) != null || !ServerScope.knowsMembers(database);
    }

    private static boolean isNamedAfter(String path, String node) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals(node) || name.startsWith(node + "~");
    }

    private static boolean makesItsOwn(MatchValues asked, String node) {
        return asked.getPerm() != Perms.CREATE || Acls.isOwned(asked.getSetAcls(), node);
    }

    /** What is not there may be removed by anyone: that fails with another error. */
    private static boolean removesItsOwn(ZooKeeperServer server, MatchValues asked, String node) {
        if (asked.getPerm() != Perms.DELETE) {
            return true;
        }
        Optional<List<ACL>> acl = ZooKeeperInternals.acl(server, asked.getPath());
        return acl.isEmpty() || Acls.isOwned(acl.get(), node);
    }

    @Override
    public boolean isAuthenticated() {
        return true;
    }

    @Override
    public boolean isValid(String id) {
        return true;
    }
}
