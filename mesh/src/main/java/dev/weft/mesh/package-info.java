/** The node: its tie to the cluster, its endpoints, how it starts and how it ends. */
package dev.weft.mesh;
