package dev.weft.mesh.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Answers of other servers, each for as long as its records live and no longer; the least recently used ones go when it is full.
 * Time is handed in. Thread-safe.
 */
final class ForwardCache {

    /** A day: RFC 8767, 4 takes a week at most and advises less. */
    private static final long LONGEST_SECONDS = 86_400;
    /** RFC 2308, 5: one to three hours for what is not there. */
    private static final long LONGEST_NEGATIVE_SECONDS = 3_600;
    /** Larger answers are rare, and not kept: so the entries bound the memory too. */
    private static final int LARGEST = 4_096;

    private record Kept(Message answer, long since, long seconds) {
    }

    private final Map<Forwarder.Key, Kept> entries;

    /** @param capacity entries at most */
    ForwardCache(int capacity) {
        entries = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Forwarder.Key, Kept> eldest) {
                return size() > capacity;
            }
        };
    }

    /** The answer, its records' TTLs less by its age; null when there is none (any more). */
    synchronized Message find(Forwarder.Key key, long nanos) {
        Kept kept = entries.get(key);
        if (kept == null) {
            return null;
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(nanos - kept.since());
        if (age >= kept.seconds()) {
            entries.remove(key);
            return null;
        }
        return age == 0 ? kept.answer() : aged(kept.answer(), age);
    }

    synchronized void put(Forwarder.Key key, Message answer, long nanos) {
        OptionalLong seconds = lifetime(answer, key.type());
        if (seconds.isPresent() && seconds.getAsLong() > 0 && answer.numBytes() <= LARGEST) {
            entries.put(key, new Kept(answer, nanos, seconds.getAsLong()));
        }
    }

    synchronized int size() {
        return entries.size();
    }

    /** The least TTL; of a negative answer that of its SOA, as RFC 2308, 5 has it, and none without one. */
    static OptionalLong lifetime(Message answer, int type) {
        List<Record> found = answer.getSection(Section.ANSWER);
        OptionalLong least = Stream.of(Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL).flatMap(section -> answer.getSection(section).stream())
                .filter(record -> record.getType() != Type.OPT).mapToLong(Record::getTTL).min();
        if (found.stream().anyMatch(record -> record.getType() == type || type == Type.ANY)) {
            return OptionalLong.of(Math.min(LONGEST_SECONDS, least.orElse(0)));
        }
        OptionalLong minimum = answer.getSection(Section.AUTHORITY).stream().filter(SOARecord.class::isInstance)
                .mapToLong(record -> ((SOARecord) record).getMinimum()).min();
        return minimum.isEmpty() ? OptionalLong.empty()
                : OptionalLong.of(Math.min(LONGEST_NEGATIVE_SECONDS, Math.min(minimum.getAsLong(), least.orElse(0))));
    }

    private static Message aged(Message answer, long seconds) {
        Message aged = new Message();
        aged.setHeader(answer.getHeader().clone());
        for (int section = Section.QUESTION; section <= Section.ADDITIONAL; section++) {
            aged.removeAllRecords(section);
            for (Record record : answer.getSection(section)) {
                aged.addRecord(section == Section.QUESTION || record.getType() == Type.OPT ? record : aged(record, seconds), section);
            }
        }
        return aged;
    }

    /** Behind the owner's name, the type and the class stand the 32 bits of the TTL (RFC 1035, 3.2.1). */
    private static Record aged(Record record, long seconds) {
        byte[] wire = record.toWire(Section.ANSWER);
        ByteBuffer.wrap(wire).putInt(record.getName().length() + Short.BYTES + Short.BYTES, (int) (record.getTTL() - seconds));
        try {
            return Record.fromWire(wire, Section.ANSWER);
        } catch (IOException e) {
            throw new AssertionError("a record that was written can be read: " + record, e);
        }
    }
}
