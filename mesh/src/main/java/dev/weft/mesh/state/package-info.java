/** From what the store tells to what the data path is to carry, by what changed and not by what is there. */
package dev.weft.mesh.state;
