/**
 * What applications use: a node ({@link dev.weft.api.OverlayNode}), its networks, their endpoints and services, and what each of them is
 * asked to be. Specifications are immutable and say what is wrong with them when they are made; every failed call throws a
 * {@link dev.weft.api.WeftException}.
 */
package dev.weft.api;
