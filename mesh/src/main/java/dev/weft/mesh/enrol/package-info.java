/** The management port: how nodes join, renew their certificates, and have a manager attach what publishes ports. */
package dev.weft.mesh.enrol;
