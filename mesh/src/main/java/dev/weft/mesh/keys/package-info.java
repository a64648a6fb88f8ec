/** The keys of encrypted networks: who shares one with whom, how it is handed over by TLS, and when it is replaced. */
package dev.weft.mesh.keys;
