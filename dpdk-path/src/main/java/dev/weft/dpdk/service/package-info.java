/** Flows to VIPs and flows under rules: the tables that know them, and what is rewritten in their packets. */
package dev.weft.dpdk.service;
