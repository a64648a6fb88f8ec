package dev.weft.mesh;

import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.OverlayNodeProvider;
import dev.weft.mesh.path.DataPathChoice;
import dev.weft.mesh.path.PortPublishers;
import dev.weft.mesh.path.WayOut;
import java.nio.file.Path;
import java.util.List;

/** Makes nodes; {@link dev.weft.api.NodeBuilder} finds it. */
public final class WeftNodeProvider implements OverlayNodeProvider {

    @Override
    public OverlayNode init(NodeSpec spec) {
        ClusterLink link = ClusterLink.init(spec);
        WeftNode node = start(spec, link);
        if (link.fresh()) {
            node.makeIngress();
        }
        return node;
    }

    @Override
    public OverlayNode recover(NodeSpec spec) {
        return start(spec, ClusterLink.recover(spec));
    }

    @Override
    public OverlayNode restore(NodeSpec spec, Path backup) {
        return start(spec, ClusterLink.restore(spec, backup));
    }

    @Override
    public OverlayNode join(NodeSpec spec, String managerHostAndPort, String token) {
        return start(spec, ClusterLink.join(spec, managerHostAndPort, token));
    }

    @Override
    public List<String> purge(Path dataDirectory) {
        return NodeLeftovers.remove(dataDirectory);
    }

    private static WeftNode start(NodeSpec spec, ClusterLink link) {
        return NodeStart.start(spec, link, DataPathChoice.installed(), WayOut.installed(), PortPublishers.installed());
    }
}
