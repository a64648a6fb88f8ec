package dev.weft.api.path;

import java.security.SecureRandom;
import java.util.function.Consumer;

/**
 * A persistent treap: a search tree by name and a heap by a hash of the name (Seidel and Aragon 1996). Its shape follows from the names
 * in it and not from the order in which they came, so trees of nearly the same names are nearly the same trees and can be compared
 * branch by branch. An empty tree is null. Expected depth O(log n).
 *
 * @param priority higher than those below
 */
record MemberTree<E extends Named>(E member, long priority, MemberTree<E> left, MemberTree<E> right, int size) {

    /** Drawn anew by each process: who chooses names cannot choose the shape, and make it deep. */
    private static final long MULTIPLIER = new SecureRandom().nextLong() | 1;

    private record Halves<E extends Named>(MemberTree<E> below, MemberTree<E> above) {
    }

    static <E extends Named> MemberTree<E> find(MemberTree<E> root, String name) {
        MemberTree<E> tree = root;
        while (tree != null) {
            int order = name.compareTo(tree.name());
            if (order == 0) {
                return tree;
            }
            tree = order < 0 ? tree.left : tree.right;
        }
        return null;
    }

    static <E extends Named> MemberTree<E> with(MemberTree<E> tree, E member) {
        String name = member.name();
        return find(tree, name) == null ? inserted(tree, member, priorityOf(name)) : replaced(tree, member);
    }

    private static <E extends Named> MemberTree<E> replaced(MemberTree<E> tree, E member) {
        int order = member.name().compareTo(tree.name());
        if (order == 0) {
            return new MemberTree<>(member, tree.priority, tree.left, tree.right, tree.size);
        }
        return order < 0 ? tree.withLeft(replaced(tree.left, member)) : tree.withRight(replaced(tree.right, member));
    }

    private static <E extends Named> MemberTree<E> inserted(MemberTree<E> tree, E member, long priority) {
        if (tree == null || isAbove(priority, member.name(), tree)) {
            Halves<E> halves = split(tree, member.name());
            return of(member, priority, halves.below, halves.above);
        }
        return member.name().compareTo(tree.name()) < 0 ? tree.withLeft(inserted(tree.left, member, priority))
                : tree.withRight(inserted(tree.right, member, priority));
    }

    static <E extends Named> MemberTree<E> without(MemberTree<E> tree, String name) {
        if (tree == null) {
            return null;
        }
        int order = name.compareTo(tree.name());
        if (order == 0) {
            return joined(tree.left, tree.right);
        }
        return order < 0 ? tree.withLeft(without(tree.left, name)) : tree.withRight(without(tree.right, name));
    }

    /** Those before the name and those behind it; one of that name is in neither. */
    private static <E extends Named> Halves<E> split(MemberTree<E> tree, String name) {
        if (tree == null) {
            return new Halves<>(null, null);
        }
        int order = name.compareTo(tree.name());
        if (order == 0) {
            return new Halves<>(tree.left, tree.right);
        }
        if (order < 0) {
            Halves<E> halves = split(tree.left, name);
            return new Halves<>(halves.below, halves.above == tree.left ? tree : tree.withLeft(halves.above));
        }
        Halves<E> halves = split(tree.right, name);
        return new Halves<>(halves.below == tree.right ? tree : tree.withRight(halves.below), halves.above);
    }

    /** All names of the first are before those of the second. */
    private static <E extends Named> MemberTree<E> joined(MemberTree<E> below, MemberTree<E> above) {
        if (below == null || above == null) {
            return below == null ? above : below;
        }
        return isAbove(below.priority, below.name(), above) ? below.withRight(joined(below.right, above))
                : above.withLeft(joined(below, above.left));
    }

    /** By name. Branches that both have in common are passed by. */
    static <E extends Named> void compare(MemberTree<E> before, MemberTree<E> after, Consumer<E> gone, Consumer<E> come) {
        if (before == after) {
            return;
        }
        if (before == null || after != null && isAbove(after.priority, after.name(), before)) {
            Halves<E> halves = split(before, after.name());
            compare(halves.below, after.left, gone, come);
            come.accept(after.member);
            compare(halves.above, after.right, gone, come);
            return;
        }
        Halves<E> halves = split(after, before.name());
        compare(before.left, halves.below, gone, come);
        MemberTree<E> now = after == null || !after.name().equals(before.name()) ? null : after;
        if (now == null) {
            gone.accept(before.member);
        } else if (now.member != before.member && !now.member.equals(before.member)) {
            gone.accept(before.member);
            come.accept(now.member);
        }
        compare(before.right, halves.above, gone, come);
    }

    /** Equal sets have the same shape. */
    static boolean isSame(MemberTree<?> one, MemberTree<?> other) {
        if (one == other) {
            return true;
        }
        return one != null && other != null && one.size == other.size && one.member.equals(other.member)
                && isSame(one.left, other.left) && isSame(one.right, other.right);
    }

    static int size(MemberTree<?> tree) {
        return tree == null ? 0 : tree.size;
    }

    private static <E extends Named> MemberTree<E> of(E member, long priority, MemberTree<E> left, MemberTree<E> right) {
        return new MemberTree<>(member, priority, left, right, size(left) + 1 + size(right));
    }

    private MemberTree<E> withLeft(MemberTree<E> branch) {
        return of(member, priority, branch, right);
    }

    private MemberTree<E> withRight(MemberTree<E> branch) {
        return of(member, priority, left, branch);
    }

    private String name() {
        return member.name();
    }

    /** Whether one of that priority and name belongs above the tree's root; the name decides between equals. */
    private static boolean isAbove(long priority, String name, MemberTree<?> tree) {
        return priority != tree.priority ? priority > tree.priority : name.compareTo(tree.name()) < 0;
    }

    private static long priorityOf(String name) {
        long hash = MULTIPLIER;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * MULTIPLIER;
            hash ^= hash >>> 29;
        }
        return hash * MULTIPLIER;
    }
}
