/** The node agent and small programs. */
module dev.weft.examples {
    requires dev.weft.api;
}
