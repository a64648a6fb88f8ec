/** What a change of the cluster's state costs a node in a large network. */
package dev.weft.benchmarks.control;
