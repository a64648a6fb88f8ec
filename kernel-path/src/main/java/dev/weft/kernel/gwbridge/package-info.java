/** The gateway bridge: the way out for endpoints in network namespaces. */
package dev.weft.kernel.gwbridge;
