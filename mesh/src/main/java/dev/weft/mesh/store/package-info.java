/** What Weft needs of a cluster store. */
package dev.weft.mesh.store;
