package dev.weft.mesh.schedule;

/** Where a node's own work runs, and whose clock it waits by: the machine's, or the virtual one of a simulation. */
public interface Scheduler {

    /** @param name of its thread */
    Worker worker(String name);

    Monitor monitor();
}
