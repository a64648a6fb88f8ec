package dev.weft.mesh.keys;

import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import dev.weft.testing.TwoHosts;
import java.net.InetAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Between two hosts on a wire. */
public abstract class RekeyBetweenHosts extends RekeyContract {

    private TwoHosts hosts;

    /** @param host 1 or 2 */
    protected abstract DataPathKind kind(int host);

    /** Whether ESP goes in UDP; else it is IP protocol 50. */
    protected boolean udp() {
        return false;
    }

    /** Of the second host, where it is in user space. */
    protected PipelineSpec pipeline() {
        return PipelineSpec.DEFAULT;
    }

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(false);
        hosts.pipeline(2, pipeline());
    }

    /** The kernel path's namespaces are called after the first part of a node's id: the two differ in that here. */
    @Override
    protected KeyedNode.Pair pair(KeyLimits limits) {
        return KeyedNode.Pair.of(limits, host -> InetAddress.ofLiteral(hosts.vtep(host)),
                host -> hosts.open(host, kind(host), host + KeyedNode.id(host).substring(1)), udp());
    }

    @Override
    @AfterEach
    protected void closeNodes() {
        super.closeNodes();
        hosts.close();
    }
}
