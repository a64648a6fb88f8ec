package dev.weft.testing;

/** The other host has a vxlan device made by hand with iproute2. */
public abstract class HandMadeVxlanContract extends ReachabilityContract {

    @Override
    protected void openFar() {
        b = hosts.handMade().member(VNI, 11);
    }
}
