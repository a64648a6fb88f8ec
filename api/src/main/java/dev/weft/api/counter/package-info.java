/** Counters that everybody can read at any time, and the reasons for which packets are dropped. */
package dev.weft.api.counter;
