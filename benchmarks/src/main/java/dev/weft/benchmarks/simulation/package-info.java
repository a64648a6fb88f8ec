/** Clusters of thousands of nodes in virtual time. */
package dev.weft.benchmarks.simulation;
