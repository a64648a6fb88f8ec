/** eBPF programs: assembled, and written to the object files that libbpf loads. Nothing here asks the kernel. */
package dev.weft.ffm.bpf;
