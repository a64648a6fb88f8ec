package dev.weft.mesh;

import dev.weft.api.DataPathKind;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class SocketNamesTest extends NamesContract {

    @Override
    protected DataPathKind kind() {
        return DataPathKind.SOCKET;
    }
}
