/** Weft's public types, the data-path SPI, packet headers and counters. */
module dev.weft.api {
    requires transitive org.slf4j;

    exports dev.weft.api;
    exports dev.weft.api.counter;
    exports dev.weft.api.path;
    exports dev.weft.api.wire;

    uses dev.weft.api.OverlayNodeProvider;
}
