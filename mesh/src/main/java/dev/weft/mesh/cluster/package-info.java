/** What is in the cluster's state and how it is changed: optimistic transactions, claims, and what a worker may not write. */
package dev.weft.mesh.cluster;
