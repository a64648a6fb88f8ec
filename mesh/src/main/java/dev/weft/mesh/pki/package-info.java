/** The cluster's CA, certificates of nodes, who is trusted at which port, and who was refused. */
package dev.weft.mesh.pki;
