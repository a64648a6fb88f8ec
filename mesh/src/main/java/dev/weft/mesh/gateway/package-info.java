/** The gateway addresses of networks as name servers, over sockets or over frames with as much of UDP and TCP as that needs. */
package dev.weft.mesh.gateway;
