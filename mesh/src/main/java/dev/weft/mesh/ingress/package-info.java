/** What a node attaches in the ingress network, as it follows from what is published. */
package dev.weft.mesh.ingress;
