package dev.weft.ffm.xfrm;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The SAs of a network namespace: the one in which the socket was opened. Thread-safe as the socket is. Keys go from native
 * memory to the kernel and never come back.
 *
 * <pre>
 *   xfrm_usersa_info   selector 56 | id 24: daddr 16, spi 4, proto 1 | saddr 16 | lifetimes 96 | stats 12 | seq 4 | reqid 4
 *                      | family 2 | mode 1 | replay_window 1 | flags 1 | padding 7
 *   xfrm_usersa_id     daddr 16 | spi 4 | family 2 | proto 1 | padding 1
 * </pre>
 */
public final class StateTable {

    /** Sequence numbers behind the highest that are still told apart; the kernel takes no more. */
    public static final int REPLAY_WINDOW = 4096;

    private static final int XFRM_MSG_NEWSA = 0x10;
    private static final int XFRM_MSG_DELSA = 0x11;
    private static final int XFRM_MSG_GETSA = 0x12;
    private static final int XFRM_MSG_GETAE = 0x1f;
    private static final int XFRMA_ENCAP = 4;
    private static final int XFRMA_LTIME_VAL = 9;
    private static final int XFRMA_ALG_AEAD = 18;
    private static final int XFRMA_REPLAY_ESN_VAL = 23;
    private static final int XFRM_STATE_ESN = 128;
    private static final int UDP_ENCAP_ESPINUDP = 2;
    private static final String AES_GCM = "rfc4106(gcm(aes))";
    private static final int ALGORITHM_NAME = 64;
    private static final int ICV_BITS = 128;
    private static final int INFO = 224;
    private static final int ID = Xfrm.SELECTOR;
    private static final int SOURCE = ID + 24;
    private static final int REQID = 208;
    private static final int FAMILY = 212;
    private static final int MODE = 214;
    /** struct xfrm_aevent_id: id 24, saddr 16, flags 4, reqid 4 */
    private static final int AEVENT_ID = 48;
    private static final int XFRM_AE_RVAL_AND_LVAL = 2 | 4;
    private static final int WINDOW_WORDS = REPLAY_WINDOW / Integer.SIZE;

    private final NetlinkSocket socket;

    /** @param socket of NETLINK_XFRM */
    public StateTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Those of ESP in transport mode, whoever made them. The kernel tells the keys as well; they are wiped unseen. */
    public List<StateId> list() {
        return socket.query(new NetlinkMessage(XFRM_MSG_GETSA, NetlinkMessage.NLM_F_DUMP, "list SAs"), INFO).stream()
                .filter(reply -> reply.u8(ID + 20) == Xfrm.ESP && reply.u8(MODE) == Xfrm.MODE_TRANSPORT).map(StateTable::id).toList();
    }

    private static StateId id(NetlinkReply reply) {
        int family = reply.u16(FAMILY);
        return new StateId(Xfrm.address(reply, SOURCE, family), Xfrm.address(reply, ID, family), Integer.reverseBytes(reply.u32(ID + 16)),
                reply.u32(REQID));
    }

    /** Installs an SA. @throws NetlinkException if there is one of that destination and SPI (EEXIST), or for want of an algorithm */
    public void add(State state) {
        StateId id = state.id();
        NetlinkMessage message = new NetlinkMessage(XFRM_MSG_NEWSA, NetlinkMessage.NLM_F_ACK, "install " + describe(id)).zeros(Xfrm.SELECTOR);
        Xfrm.address(message, id.destination()).u32(Integer.reverseBytes(id.spi())).u8(Xfrm.ESP).zeros(3);
        Xfrm.address(message, id.source());
        Xfrm.lifetimes(message, state.bytes(), state.packets(), state.seconds()).zeros(12).u32(0).u32(id.reqid())
                .u16(Xfrm.family(id.destination())).u8(Xfrm.MODE_TRANSPORT).u8(0).u8(XFRM_STATE_ESN).zeros(7);
        message.attribute(XFRMA_ALG_AEAD, value -> value
                .raw(Arrays.copyOf(AES_GCM.getBytes(java.nio.charset.StandardCharsets.US_ASCII), ALGORITHM_NAME))
                .u32(state.key().length() * Byte.SIZE).u32(ICV_BITS).secret(state.key().length(), state.key()::copyTo));
        message.attribute(XFRMA_REPLAY_ESN_VAL, value -> replay(value, state));
        state.udpPort().ifPresent(port -> message.attribute(XFRMA_ENCAP, value -> value.u16(UDP_ENCAP_ESPINUDP).u16be(port).u16be(port)
                .zeros(2 + 16)));
        socket.request(message);
    }

    /** struct xfrm_replay_state_esn. What was received before counts as received: a window full of ones. */
    private static void replay(NetlinkMessage value, State state) {
        value.u32(WINDOW_WORDS).u32((int) state.sent()).u32((int) state.received()).u32((int) (state.sent() >>> Integer.SIZE))
                .u32((int) (state.received() >>> Integer.SIZE)).u32(REPLAY_WINDOW);
        for (int i = 0; i < WINDOW_WORDS; i++) {
            value.u32(state.received() == 0 ? 0 : -1);
        }
    }

    /** Takes an SA away. Nothing happens when it is not there (any more: the kernel removes one whose limit is reached). */
    public void remove(StateId id) {
        try {
            socket.request(usersaId(new NetlinkMessage(XFRM_MSG_DELSA, NetlinkMessage.NLM_F_ACK, "remove " + describe(id)), id));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    /** How far an SA was used; empty when it is not there. */
    public Optional<StateUsage> usage(StateId id) {
        NetlinkMessage message = usersaId(new NetlinkMessage(XFRM_MSG_GETAE, NetlinkMessage.NLM_F_ACK, "ask for " + describe(id)), id);
        Xfrm.address(message, id.source()).u32(XFRM_AE_RVAL_AND_LVAL).u32(id.reqid());
        try {
            return socket.query(message).stream().findFirst().map(StateTable::usage);
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static StateUsage usage(NetlinkReply reply) {
        Attributes attributes = reply.attributes(AEVENT_ID);
        ByteBuffer used = ByteBuffer.wrap(attributes.bytes(XFRMA_LTIME_VAL).orElseThrow()).order(ByteOrder.nativeOrder());
        ByteBuffer replay = ByteBuffer.wrap(attributes.bytes(XFRMA_REPLAY_ESN_VAL).orElseThrow()).order(ByteOrder.nativeOrder());
        return new StateUsage(used.getLong(8), used.getLong(0), joined(replay.getInt(12), replay.getInt(4)),
                joined(replay.getInt(16), replay.getInt(8)));
    }

    private static long joined(int high, int low) {
        return (long) high << Integer.SIZE | low & 0xffff_ffffL;
    }

    private static NetlinkMessage usersaId(NetlinkMessage message, StateId id) {
        return Xfrm.address(message, id.destination()).u32(Integer.reverseBytes(id.spi())).u16(Xfrm.family(id.destination())).u8(Xfrm.ESP).u8(0);
    }

    private static String describe(StateId id) {
        return "the SA to " + id.destination().getHostAddress() + " with SPI 0x" + Integer.toHexString(id.spi());
    }
}
