package dev.weft.api;

/** Managers hold the cluster state; workers are only its clients. */
public enum NodeRole {
    MANAGER, WORKER
}
