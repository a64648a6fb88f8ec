/** What {@code ./weft bench} can measure, and the benchmarks by JMH. */
package dev.weft.benchmarks;
