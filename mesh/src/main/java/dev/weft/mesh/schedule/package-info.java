/** Threads and clocks of a node, or the virtual ones of a simulation. */
package dev.weft.mesh.schedule;
