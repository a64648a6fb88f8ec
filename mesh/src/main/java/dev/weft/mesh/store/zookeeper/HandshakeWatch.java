package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakeFailure;
import dev.weft.mesh.pki.Refusals;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Counts the handshakes with the store's port that come to nothing. On the listening channel: it sees each connection first. */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

    private final Refusals refusals;

    HandshakeWatch(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext connection) {
                watch(connection.channel());
                connection.pipeline().remove(this);
                connection.fireChannelActive();
            }
        });
        context.fireChannelRead(accepted);
    }

    private void watch(Channel connection) {
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        InetAddress peer = ((InetSocketAddress) connection.remoteAddress()).getAddress();
        tls.handshakeFuture().addListener(handshake -> {
            if (!handshake.isSuccess()) {
                HandshakeFailure.reason(handshake.cause())
                        .ifPresent(reason -> refusals.count(ControlPort.STORE, reason, peer, HandshakeFailure.detail(handshake.cause())));
            }
        });
    }
}
