/** The node agent and small programs. */
module dev.weft.examples {
    requires dev.weft.api;
    requires info.picocli;
    requires com.fasterxml.jackson.databind;
    requires org.slf4j;
    opens dev.weft.examples.agent to info.picocli;
}
