package dev.weft.api.path;

import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What is of one kind in one network (its endpoints here, say), by name. Immutable: {@link #with} and {@link #without} make another set, which
 * shares with this one all but the path to what has changed. So one change among n costs O(log n) time and memory, and so does
 * {@link #difference}: what two sets share it need not look at.
 *
 * <p>Two sets are equal when they hold equal members, however they came about.
 */
public final class Members<E extends Named> extends AbstractCollection<E> {

    private static final Members<?> EMPTY = new Members<>(null);

    private final MemberTree<E> root;

    private Members(MemberTree<E> root) {
        this.root = root;
    }

    @SuppressWarnings("unchecked") // it holds none of any kind
    public static <E extends Named> Members<E> none() {
        return (Members<E>) EMPTY;
    }

    /** @throws IllegalArgumentException if two have the same name */
    public static <E extends Named> Members<E> of(Collection<E> members) {
        if (members instanceof Members<E> already) {
            return already;
        }
        Members<E> all = none();
        for (E member : members) {
            if (all.find(member.name()).isPresent()) {
                throw new IllegalArgumentException("two members of one network are called '" + member.name() + "'");
            }
            all = all.with(member);
        }
        return all;
    }

    /** With that member, instead of the one of its name if there is one. */
    public Members<E> with(E member) {
        MemberTree<E> present = MemberTree.find(root, member.name());
        return present != null && present.member().equals(member) ? this : new Members<>(MemberTree.with(root, member));
    }

    /** Without the member of that name. */
    public Members<E> without(String name) {
        return MemberTree.find(root, name) == null ? this : new Members<>(MemberTree.without(root, name));
    }

    public Optional<E> find(String name) {
        return Optional.ofNullable(MemberTree.find(root, name)).map(MemberTree::member);
    }

    @Override
    public int size() {
        return MemberTree.size(root);
    }

    /** By name. */
    @Override
    public Iterator<E> iterator() {
        return new InOrder<>(root);
    }

    @Override
    public boolean contains(Object other) {
        return other instanceof Named member && find(member.name()).filter(member::equals).isPresent();
    }

    /**
     * What makes one set of the other. A member that is another one now is in both lists.
     *
     * @param gone in the first set only, by name
     * @param come in the second set only, by name
     */
    public record Difference<E extends Named>(List<E> gone, List<E> come) {

        public boolean isEmpty() {
            return gone.isEmpty() && come.isEmpty();
        }
    }

    /** Takes time by what the sets do not share. */
    public static <E extends Named> Difference<E> difference(Members<E> before, Members<E> after) {
        Difference<E> difference = new Difference<>(new ArrayList<>(), new ArrayList<>());
        MemberTree.compare(before.root, after.root, difference.gone()::add, difference.come()::add);
        return difference;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Members<?> members && MemberTree.isSame(root, members.root);
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (E member : this) {
            hash += member.hashCode();
        }
        return hash;
    }

    private static final class InOrder<E extends Named> implements Iterator<E> {

        private final Deque<MemberTree<E>> path = new ArrayDeque<>();

        InOrder(MemberTree<E> root) {
            descend(root);
        }

        private void descend(MemberTree<E> from) {
            for (MemberTree<E> tree = from; tree != null; tree = tree.left()) {
                path.push(tree);
            }
        }

        @Override
        public boolean hasNext() {
            return !path.isEmpty();
        }

        @Override
        public E next() {
            if (path.isEmpty()) {
                throw new NoSuchElementException();
            }
            MemberTree<E> tree = path.pop();
            descend(tree.right());
            return tree.member();
        }
    }
}
