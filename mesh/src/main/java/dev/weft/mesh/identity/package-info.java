/** Who a node is: its data directory, and the token by which it joined. */
package dev.weft.mesh.identity;
