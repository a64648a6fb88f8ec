/** Tables and charts of what was measured. */
package dev.weft.benchmarks.report;
