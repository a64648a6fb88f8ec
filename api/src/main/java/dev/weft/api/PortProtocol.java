package dev.weft.api;

import java.util.Locale;

/** The protocols whose ports can be published. */
public enum PortProtocol {
    TCP, UDP, SCTP;

    /** As specifications and the command line have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
