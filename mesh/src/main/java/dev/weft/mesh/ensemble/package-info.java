/** Which managers vote and which stand by. */
package dev.weft.mesh.ensemble;
