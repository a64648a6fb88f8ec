/** The cluster store by ZooKeeper and Curator, which are on the class path and no modules: the only package that knows them. */
package dev.weft.mesh.store.zookeeper;
