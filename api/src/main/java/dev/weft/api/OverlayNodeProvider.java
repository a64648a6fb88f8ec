package dev.weft.api;

/** Makes nodes; found by {@link java.util.ServiceLoader}. The mesh module provides one. */
public interface OverlayNodeProvider {

    OverlayNode init(NodeSpec spec);

    OverlayNode join(NodeSpec spec, String managerHostAndPort, String token);
}
