/** {@code ./weft demo}: an overlay over three hosts in network namespaces, shown and taken away again. */
package dev.weft.examples.demo;
