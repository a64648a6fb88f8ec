/** What a node has on its host beside its sockets: the data path, the way out, published ports, resolv.conf of namespaces. */
package dev.weft.mesh.path;
