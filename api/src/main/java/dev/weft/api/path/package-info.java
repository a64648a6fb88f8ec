/**
 * The SPI between a node and what carries its packets: the state that a data path is to make so, and what Linux does beside any of them (the way
 * out, published ports). For implementations; applications need none of it.
 */
package dev.weft.api.path;
