package dev.weft.examples.agent;

/** By IPv6. */
class PublishedResetIpv6Test extends PublishedResetContract {

    PublishedResetIpv6Test() {
        super(true);
    }
}
