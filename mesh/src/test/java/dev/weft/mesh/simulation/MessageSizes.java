package dev.weft.mesh.simulation;

import dev.weft.mesh.store.Change;
import java.util.List;

/**
 * Bytes of ZooKeeper's messages as zookeeper.jute defines them: strings and buffers have a length of 4 bytes before them, and so has every
 * message.
 */
final class MessageSizes {

    private static final int LENGTH = 4;
    /** xid, type. */
    private static final int REQUEST = LENGTH + 8;
    /** xid, zxid, err. */
    private static final int REPLY = LENGTH + 16;
    private static final int STAT = 68;
    /** type, done, err. */
    private static final int MULTI_HEADER = 9;
    /** One entry: perms, scheme, id of a digest. */
    private static final int ACL = LENGTH + 4 + LENGTH + "digest".length() + LENGTH + 35;
    private static final int INT = 4;
    private static final int BOOL = 1;

    static final int PING = REQUEST;
    static final int PONG = REPLY;
    /** protocol, last zxid, timeout, session, password, read-only; and the answer. */
    static final int CONNECT = LENGTH + 4 + 8 + 4 + 8 + LENGTH + 16 + BOOL;
    static final int CONNECTED = LENGTH + 4 + 4 + 8 + LENGTH + 16 + BOOL;

    private MessageSizes() {
    }

    /** getData, getChildren2 and exists alike. */
    static int read(String path) {
        return REQUEST + LENGTH + path.length() + BOOL;
    }

    static int sync(String path) {
        return REQUEST + LENGTH + path.length();
    }

    static int synced(String path) {
        return REPLY + LENGTH + path.length();
    }

    static int data(Tree.Node node) {
        return node == null ? REPLY : REPLY + LENGTH + node.data().length + STAT;
    }

    static int children(List<String> names) {
        return REPLY + LENGTH + names.stream().mapToInt(name -> LENGTH + name.length()).sum() + STAT;
    }

    static int exists(Tree.Node node) {
        return node == null ? REPLY : REPLY + STAT;
    }

    /** type, state, path. */
    static int event(String path) {
        return REPLY + INT + INT + LENGTH + path.length();
    }

    static int multi(List<Change> changes) {
        int bytes = REQUEST + MULTI_HEADER;
        for (Change change : changes) {
            bytes += MULTI_HEADER + LENGTH + change.path().length() + switch (change) {
                case Change.Create create -> LENGTH + create.data().length + ACL + INT;
                case Change.CreateEphemeral create -> LENGTH + create.data().length + ACL + INT;
                case Change.Replace replace -> LENGTH + replace.data().length + INT;
                case Change.Delete _, Change.Check _ -> INT;
            };
        }
        return bytes;
    }

    static int multiReply(List<Change> changes) {
        int bytes = REPLY + MULTI_HEADER;
        for (Change change : changes) {
            bytes += MULTI_HEADER + switch (change) {
                case Change.Create _, Change.CreateEphemeral _ -> LENGTH + change.path().length();
                case Change.Replace _ -> STAT;
                case Change.Delete _, Change.Check _ -> 0;
            };
        }
        return bytes;
    }
}
