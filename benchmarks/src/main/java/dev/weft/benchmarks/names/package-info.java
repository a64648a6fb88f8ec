/** How many questions for names are answered, and how evenly backends are named. */
package dev.weft.benchmarks.names;
