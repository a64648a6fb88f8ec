/** Looks for marked frames of an encrypted network in clear. */
package dev.weft.mesh.leak;
