/** rtnetlink: links, addresses, neighbours, FDB entries and routes of one network namespace. */
package dev.weft.ffm.rtnl;
