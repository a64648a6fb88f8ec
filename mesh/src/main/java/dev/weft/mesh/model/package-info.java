/** The records of the cluster's state and their form, JSON with a format number. */
package dev.weft.mesh.model;
