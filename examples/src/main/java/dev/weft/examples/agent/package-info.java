/** The library in a process, driven from the command line: a node in the foreground, and commands to it over a UNIX socket. */
package dev.weft.examples.agent;
