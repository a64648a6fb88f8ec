package dev.weft.api;

import java.nio.file.Path;
import java.util.List;

/** Makes nodes; found by {@link java.util.ServiceLoader}. The mesh module provides one. */
public interface OverlayNodeProvider {

    OverlayNode init(NodeSpec spec);

    OverlayNode recover(NodeSpec spec);

    OverlayNode restore(NodeSpec spec, Path backup);

    OverlayNode join(NodeSpec spec, String managerHostAndPort, String token);

    List<String> purge(Path dataDirectory);
}
