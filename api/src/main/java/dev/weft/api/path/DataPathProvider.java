package dev.weft.api.path;

import dev.weft.api.DataPathKind;

/** Opens one kind of data path; found by {@link java.util.ServiceLoader}. */
public interface DataPathProvider {

    /** Never {@link DataPathKind#AUTO}. */
    DataPathKind kind();

    /** Finds out, without changing anything, whether {@link #open} would work. */
    Capabilities probe(DataPathConfig config);

    /**
     * Opens the data path: takes the uplink and the UDP port. Carries nothing until a state is applied.
     *
     * @throws dev.weft.api.WeftException.DataPathUnavailable if it cannot work here
     * @throws dev.weft.api.WeftException.PrivilegeMissing    if a privilege is missing
     * @throws dev.weft.api.WeftException.PortInUse           if the UDP port is taken
     */
    DataPath open(DataPathConfig config);
}
