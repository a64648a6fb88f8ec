package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakeFailure;
import dev.weft.mesh.pki.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Before the store's port: ZooKeeper hears of a connection when TLS is done and the peer is a member of the cluster. Others are counted;
 * ZooKeeper would log each of them. On the listening channel: it sees each connection first.
 *
 * <pre>
 *   accepted    [Entrance]                            channelActive: the handshake begins
 *               [Entrance], TLS, [Barrier], ZooKeeper's   nothing gets past the barrier
 *   first byte  TLS, [Barrier], ZooKeeper's
 *   done        TLS, ZooKeeper's                      channelActive for ZooKeeper
 * </pre>
 */
final class StoreGate extends ChannelInboundHandlerAdapter {

    private static final long PATIENCE_MS = 5_000;

    private final ServerScope scope;

    StoreGate(ServerScope scope) {
        this.scope = scope;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addFirst(new Entrance());
        context.fireChannelRead(accepted);
    }

    /** Puts the barrier behind TLS, which ZooKeeper has put there by the time that the channel is active, and waits for the first byte. */
    private final class Entrance extends ChannelInboundHandlerAdapter {

        private boolean passed;

        @Override
        public void channelActive(ChannelHandlerContext connection) {
            SslHandler tls = connection.pipeline().get(SslHandler.class);
            tls.setHandshakeTimeoutMillis(PATIENCE_MS);
            Barrier barrier = new Barrier(tls, this);
            connection.pipeline().addAfter(connection.pipeline().context(tls).name(), null, barrier);
            connection.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext connection, Object bytes) {
            passed = true;
            connection.pipeline().remove(this);
            connection.fireChannelRead(bytes);
        }
    }

    /** Of one connection; on its event loop. */
    private final class Barrier extends ChannelInboundHandlerAdapter {

        private final SslHandler tls;
        private final Entrance entrance;

        Barrier(SslHandler tls, Entrance entrance) {
            this.tls = tls;
            this.entrance = entrance;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext connection) {
            tls.handshakeFuture().addListener(handshake -> {
                if (handshake.isSuccess()) {
                    admit(connection);
                } else {
                    refuse(connection, handshake.cause());
                }
            });
        }

        private void admit(ChannelHandlerContext connection) {
            try {
                NodeAuthentication.member(scope, tls.engine().getSession().getPeerCertificates());
                connection.fireChannelActive();
                connection.pipeline().remove(this);
            } catch (SSLPeerUnverifiedException | CertificateRefused e) {
                refuse(connection, e);
            }
        }

        private void refuse(ChannelHandlerContext connection, Throwable why) {
            InetAddress peer = ((InetSocketAddress) connection.channel().remoteAddress()).getAddress();
            HandshakeFailure.reason(why).map(reason -> reason == Refusal.HUNG_UP && !entrance.passed ? Refusal.SILENT : reason).ifPresent(reason ->
                    scope.credentials().refusals().count(ControlPort.STORE, reason, peer, HandshakeFailure.detail(why)));
            connection.close();
        }

        @Override
        public void channelActive(ChannelHandlerContext connection) {
            // ZooKeeper is told when the peer is known
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext connection, Throwable cause) {
            connection.close(); // the handshake has failed by it, or will
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext connection, Object event) {
            // of a handshake that has failed
        }

        @Override
        public void channelInactive(ChannelHandlerContext connection) {
            // ZooKeeper never heard of it
        }
    }
}
