/** What a packet costs in the stages, beside the same work in C. */
package dev.weft.benchmarks.pipeline;
