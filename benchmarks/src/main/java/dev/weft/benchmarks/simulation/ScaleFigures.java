package dev.weft.benchmarks.simulation;

/**
 * What a cluster of one size cost.
 *
 * @param attachAllSeconds     until all nodes had attached all their endpoints, each node one after another, and heard of all others
 * @param attachMessages       that a node sent and received for that, for each endpoint it attached or heard of
 * @param changeMillis         from the call of attach to the last data path that carries the endpoint: median
 * @param changeMillisWorst    and the longest
 * @param changeMessages       that such a change cost a node that hears of it
 * @param changeBytes          in ZooKeeper's protocol
 * @param deathSeconds         from a node's death to the last data path that has left out its endpoints
 * @param leaderSeconds        from the loss of the leader to the first change that is everywhere
 * @param idleMessages         a minute and node, without a change
 * @param idleBytes            a minute and node
 * @param memoryKilobytes      a node: what it knows, and the state of its data path
 */
record ScaleFigures(int nodes, int endpoints, double attachAllSeconds, double attachMessages, double changeMillis, double changeMillisWorst,
                    double changeMessages, double changeBytes, double deathSeconds, double leaderSeconds, double idleMessages, double idleBytes,
                    double memoryKilobytes) {
}
