package dev.weft.api.path;

/** Something that has a name of its own among its like in a network. */
public interface Named {

    String name();
}
