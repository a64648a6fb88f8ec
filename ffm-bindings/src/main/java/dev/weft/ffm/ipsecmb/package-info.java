/** AES-GCM of Intel's ipsec-mb, by its exported functions; one class for the library, one for a cipher. */
package dev.weft.ffm.ipsecmb;
