package dev.weft.dpdk;

import dev.weft.api.Cipher;
import dev.weft.api.path.PeerSecurity;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

class SocketExchangeTest extends SocketExchangeContract {

    @Override
    protected Optional<Cipher> cipher() {
        return Optional.empty();
    }

    @Override
    protected List<PeerSecurity> peersOf(InetAddress vtep) {
        return List.of();
    }
}
