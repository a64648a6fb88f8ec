/** Whether this node's endpoints are fit to serve: they are probed here, and the cluster hears of what changes. */
package dev.weft.mesh.health;
