package dev.weft.mesh;

import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.OverlayNodeProvider;
import dev.weft.mesh.path.DataPathChoice;
import java.nio.file.Path;

/** Makes nodes; {@link dev.weft.api.OverlayNode.Builder} finds it. */
public final class WeftNodeProvider implements OverlayNodeProvider {

    @Override
    public OverlayNode init(NodeSpec spec) {
        return NodeStart.start(spec, ClusterLink.init(spec), DataPathChoice.installed());
    }

    @Override
    public OverlayNode recover(NodeSpec spec) {
        return NodeStart.start(spec, ClusterLink.recover(spec), DataPathChoice.installed());
    }

    @Override
    public OverlayNode restore(NodeSpec spec, Path backup) {
        return NodeStart.start(spec, ClusterLink.restore(spec, backup), DataPathChoice.installed());
    }

    @Override
    public OverlayNode join(NodeSpec spec, String managerHostAndPort, String token) {
        return NodeStart.start(spec, ClusterLink.join(spec, managerHostAndPort, token), DataPathChoice.installed());
    }
}
