package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.ZKDatabase;

/**
 * Lets a client take up a session only if no ephemeral entry of it belongs to another node. ZooKeeper computes a session's password from
 * its number, and numbers can be seen: any member could end another one's session, and its liveness with it.
 */
final class SessionGuard extends ChannelInboundHandlerAdapter {

    static final String NAME = "weft-session";
    /** ZooKeeper's own handler. */
    static final String BEFORE = "servercnxnfactory";

    /** In the first message, after its length: protocol version (4), last zxid (8), timeout (4); then the session's number. */
    private static final int SESSION_OFFSET = 4 + 4 + 8 + 4;

    private final ServerScope scope;
    private final String node;
    private final InetAddress peer;

    SessionGuard(ServerScope scope, String node, InetAddress peer) {
        this.scope = scope;
        this.node = node;
        this.peer = peer;
    }

    /** The first message, which a client sends in one piece. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (bytes.readableBytes() < SESSION_OFFSET + Long.BYTES) {
            refuse(context, message, Refusal.MALFORMED, "a request that does not begin a session");
            return;
        }
        long session = bytes.getLong(bytes.readerIndex() + SESSION_OFFSET);
        if (session != 0 && isAnothers(session)) {
            refuse(context, message, Refusal.FOREIGN_SESSION, "node " + node + " wanted to take over another node's session");
            return;
        }
        context.pipeline().remove(this);
        context.fireChannelRead(message);
    }

    private boolean isAnothers(long session) {
        ZKDatabase database = scope.database();
        for (String path : database.getEphemerals(session)) {
            DataNode entry = database.getNode(path);
            if (entry != null && Acls.isOwnedByAnother(database.aclForNode(entry), node)) {
                return true;
            }
        }
        return false;
    }

    private void refuse(ChannelHandlerContext context, Object message, Refusal reason, String detail) {
        ReferenceCountUtil.release(message);
        scope.credentials().refusals().count(ControlPort.STORE, reason, peer, detail);
        context.close();
    }
}
