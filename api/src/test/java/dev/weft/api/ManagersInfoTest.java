package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ManagersInfoTest {

    private static String summary(List<String> voting, List<String> standingBy) {
        return new ManagersInfo(voting, standingBy).summary();
    }

    @Test
    void shouldSayWhoVotesAndWhatOneMoreWouldDo() {
        assertEquals("1 manager: 1 votes (a); none may die, two more make it 3", summary(List.of("a"), List.of()));
        assertEquals("2 managers: 1 votes (a), 1 stands by (b); none may die, one more makes it 3", summary(List.of("a"), List.of("b")));
        assertEquals("3 managers: 3 vote (a, b, c); 1 may die, two more make it 5", summary(List.of("a", "b", "c"), List.of()));
        assertEquals("4 managers: 3 vote (a, b, c), 1 stands by (d); 1 may die, one more makes it 5",
                summary(List.of("a", "b", "c"), List.of("d")));
        assertEquals("7 managers: 5 vote (a, b, c, d, e), 2 stand by (f, g); 2 may die",
                summary(List.of("a", "b", "c", "d", "e"), List.of("f", "g")));
    }
}
