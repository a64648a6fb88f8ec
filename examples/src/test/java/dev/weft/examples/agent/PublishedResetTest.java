package dev.weft.examples.agent;

/** By IPv4. */
class PublishedResetTest extends PublishedResetContract {

    PublishedResetTest() {
        super(false);
    }
}
