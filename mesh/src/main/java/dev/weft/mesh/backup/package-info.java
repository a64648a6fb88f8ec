/** A manager's data directory in one file. */
package dev.weft.mesh.backup;
