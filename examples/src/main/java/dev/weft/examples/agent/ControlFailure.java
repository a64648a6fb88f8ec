package dev.weft.examples.agent;

import dev.weft.api.WeftException;

/** What a command prints when it fails: {@code CODE: message}. */
final class ControlFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final String text;

    ControlFailure(String code, String text) {
        super(code + ": " + text);
        this.code = code;
        this.text = text;
    }

    static ControlFailure of(Exception failure) {
        return switch (failure) {
            case ControlFailure already -> already;
            case WeftException refused -> new ControlFailure(refused.code(), refused.getMessage());
            default -> new ControlFailure("internal", failure.toString());
        };
    }

    String code() {
        return code;
    }

    String text() {
        return text;
    }
}
