package dev.weft.mesh.pki;

import java.util.Locale;

/** What a node listens for; see {@link dev.weft.api.ControlPorts}. */
public enum ControlPort {
    MANAGEMENT, STORE, QUORUM, NODE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
