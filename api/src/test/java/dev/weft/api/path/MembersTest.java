package dev.weft.api.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MembersTest {

    private static final InetAddress VTEP = InetAddress.ofLiteral("192.0.2.1");

    private static RemoteEndpoint member(String name, long mac) {
        return new RemoteEndpoint(new EndpointId(77, name), new MacAddress(mac), List.of(), VTEP);
    }

    @Test
    void shouldHoldItsMembersByNameHoweverTheyCame() {
        Members<RemoteEndpoint> members = Members.of(List.of(member("c", 3), member("a", 1), member("b", 2)));
        assertEquals(List.of(member("a", 1), member("b", 2), member("c", 3)), List.copyOf(members));
        assertEquals(Optional.of(member("b", 2)), members.find("b"));
        assertEquals(Optional.empty(), members.find("bb"));
        assertTrue(members.contains(member("c", 3)));
        assertEquals(members, Members.of(List.of(member("b", 2), member("c", 3), member("a", 1))));
        assertEquals(members.hashCode(), Members.of(List.of(member("b", 2), member("c", 3), member("a", 1))).hashCode());
        assertNotEquals(members, members.with(member("c", 4)));
        assertThrows(IllegalArgumentException.class, () -> Members.of(List.of(member("a", 1), member("a", 2))));
    }

    @Test
    void shouldStayTheSameWhenNothingChanges() {
        Members<RemoteEndpoint> members = Members.of(List.of(member("a", 1), member("b", 2)));
        assertSame(members, members.with(member("a", 1)));
        assertSame(members, members.without("c"));
        assertSame(members, Members.of(members));
        assertEquals(Members.none(), members.without("a").without("b"));
    }

    /** A thousand changes from one set to the next, against a TreeMap, and each difference against the two maps. */
    @Test
    void shouldAgreeWithATreeMapAtEachOfManyRandomChanges() {
        Random random = new Random(7);
        TreeMap<String, RemoteEndpoint> model = new TreeMap<>();
        Members<RemoteEndpoint> members = Members.none();
        for (int round = 0; round < 300; round++) {
            TreeMap<String, RemoteEndpoint> modelBefore = new TreeMap<>(model);
            Members<RemoteEndpoint> before = members;
            for (int change = random.nextInt(1 << random.nextInt(8)); change >= 0; change--) {
                String name = "e" + random.nextInt(200);
                if (random.nextInt(3) == 0) {
                    model.remove(name);
                    members = members.without(name);
                } else {
                    RemoteEndpoint member = member(name, random.nextInt(3));
                    model.put(name, member);
                    members = members.with(member);
                }
            }
            assertEquals(List.copyOf(model.values()), List.copyOf(members));
            assertEquals(model.size(), members.size());
            assertEquals(model.equals(modelBefore), members.equals(before));
            assertEquals(differing(modelBefore, model), Members.difference(before, members).gone());
            assertEquals(differing(model, modelBefore), Members.difference(before, members).come());
        }
    }

    private static List<RemoteEndpoint> differing(TreeMap<String, RemoteEndpoint> in, TreeMap<String, RemoteEndpoint> notIn) {
        return in.values().stream().filter(member -> !member.equals(notIn.get(member.id().name()))).toList();
    }

    @Test
    void shouldFindTheDifferenceOfSetsThatShareNothing() {
        List<RemoteEndpoint> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(member("e" + i, i));
        }
        Members<RemoteEndpoint> one = Members.of(all);
        Collections.shuffle(all, new Random(3));
        assertTrue(Members.difference(one, Members.of(all)).isEmpty());
        assertEquals(1000, Members.difference(Members.none(), one).come().size());
        assertEquals(1000, Members.difference(one, Members.none()).gone().size());
    }

    @Test
    void shouldShareAllButOnePath() {
        MemberTree<RemoteEndpoint> before = null;
        for (int i = 0; i < 20_000; i++) {
            before = MemberTree.with(before, member("endpoint-" + i, i));
        }
        Set<Object> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(before, shared);
        for (MemberTree<RemoteEndpoint> after : List.of(MemberTree.with(before, member("endpoint-new", 1)),
                MemberTree.without(before, "endpoint-777"), MemberTree.with(before, member("endpoint-778", 1)))) {
            Set<Object> all = Collections.newSetFromMap(new IdentityHashMap<>());
            collect(after, all);
            all.removeAll(shared);
            assertTrue(all.size() < 200, () -> all.size() + " of 20,000 branches are new");
        }
    }

    private static void collect(MemberTree<?> tree, Set<Object> into) {
        if (tree != null) {
            into.add(tree);
            collect(tree.left(), into);
            collect(tree.right(), into);
        }
    }
}
