/** The README's program. */
package dev.weft.examples;
