package dev.weft.api;

import java.util.List;

/**
 * Which managers vote on changes of the cluster's state, and which stand by. A change is made when a majority of the voters
 * has it on disk. The number of voters is odd (1, 3 or 5): an even one survives no more deaths than the odd one below it.
 *
 * @param voting     names, sorted
 * @param standingBy names, sorted: they have the state too, and vote as soon as the next odd number is reached or a voter is
 *                   gone for long
 */
public record ManagersInfo(List<String> voting, List<String> standingBy) {

    private static final int MOST_VOTERS = 5;

    public ManagersInfo {
        voting = List.copyOf(voting);
        standingBy = List.copyOf(standingBy);
    }

    /** In words: {@code 2 managers: 1 votes (a), 1 stands by (b); none may die, one more makes it 3}. */
    public String summary() {
        int all = voting.size() + standingBy.size();
        String standing = standingBy.isEmpty() ? "" : ", " + standingBy.size() + (standingBy.size() == 1 ? " stands by " : " stand by ")
                + names(standingBy);
        return all + (all == 1 ? " manager: " : " managers: ") + voting.size() + (voting.size() == 1 ? " votes " : " vote ") + names(voting)
                + standing + "; " + advice(all);
    }

    private String advice(int all) {
        int survived = (voting.size() - 1) / 2;
        String survives = survived == 0 ? "none may die" : survived + " may die";
        if (voting.size() >= MOST_VOTERS || all > voting.size() + 1) {
            return survives;
        }
        return all == voting.size() ? survives + ", two more make it " + (voting.size() + 2)
                : survives + ", one more makes it " + (voting.size() + 2);
    }

    private static String names(List<String> names) {
        return "(" + String.join(", ", names) + ")";
    }
}
