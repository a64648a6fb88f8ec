package dev.weft.mesh.keys;

import dev.weft.api.path.SecurityAssociation;

/**
 * An SA that is there.
 *
 * @param millis since it was drawn or taken
 */
record SaAge(boolean outbound, SecurityAssociation association, long millis) {
}
