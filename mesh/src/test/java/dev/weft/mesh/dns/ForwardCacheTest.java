package dev.weft.mesh.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class ForwardCacheTest {

    private static final Name HOST = Name.fromConstantString("host.example.org.");
    private static final Name ALIAS = Name.fromConstantString("Alias.Example.org.");
    private static final Name ZONE = Name.fromConstantString("example.org.");

    private final ForwardCache cache = new ForwardCache(3);

    private static Forwarder.Key key(String name) {
        return new Forwarder.Key(Name.fromConstantString(name), Type.A, false, false);
    }

    private static long seconds(double value) {
        return (long) (value * TimeUnit.SECONDS.toNanos(1));
    }

    private static Message message(int rcode, int section, Record... records) {
        Message message = new Message();
        message.getHeader().setRcode(rcode);
        message.addRecord(Record.newRecord(HOST, Type.A, DClass.IN), Section.QUESTION);
        List.of(records).forEach(record -> message.addRecord(record, section));
        return message;
    }

    private static Record a(Name name, long ttl) {
        return new ARecord(name, DClass.IN, ttl, InetAddress.ofLiteral("198.51.100.7"));
    }

    private static Record soa(long ttl, long minimum) {
        return new SOARecord(ZONE, DClass.IN, ttl, ZONE, ZONE, 1, 7200, 900, 1209600, minimum);
    }

    @Test
    void shouldLetAnAnswerLiveAsLongAsItsShortestRecordAndCountDown() {
        cache.put(key("host.example.org."), message(Rcode.NOERROR, Section.ANSWER, new CNAMERecord(ALIAS, DClass.IN, 100, HOST), a(HOST, 60)), 0);
        List<Record> young = cache.find(key("HOST.example.org."), seconds(0.9)).getSection(Section.ANSWER);
        assertEquals(List.of(100L, 60L), young.stream().map(Record::getTTL).toList());
        List<Record> old = cache.find(key("host.example.org."), seconds(59.9)).getSection(Section.ANSWER);
        assertEquals(List.of(41L, 1L), old.stream().map(Record::getTTL).toList());
        assertEquals(young, old);
        assertEquals("Alias.Example.org.", old.getFirst().getName().toString(), "spelt as it came");
        assertNull(cache.find(key("host.example.org."), seconds(60)));
        assertEquals(0, cache.size());
    }

    @Test
    void shouldTakeTheLifetimeOfWhatIsNotThereFromTheSoa() {
        assertEquals(OptionalLong.of(30), ForwardCache.lifetime(message(Rcode.NXDOMAIN, Section.AUTHORITY, soa(300, 30)), Type.A));
        assertEquals(OptionalLong.of(20), ForwardCache.lifetime(message(Rcode.NOERROR, Section.AUTHORITY, soa(20, 300)), Type.A));
        assertEquals(OptionalLong.of(3600), ForwardCache.lifetime(message(Rcode.NXDOMAIN, Section.AUTHORITY, soa(86400, 86400)), Type.A));
        assertEquals(OptionalLong.empty(), ForwardCache.lifetime(message(Rcode.NXDOMAIN, Section.AUTHORITY), Type.A));
        Message nowhere = message(Rcode.NOERROR, Section.ANSWER, new CNAMERecord(ALIAS, DClass.IN, 10, HOST));
        nowhere.addRecord(soa(300, 30), Section.AUTHORITY);
        assertEquals(OptionalLong.of(10), ForwardCache.lifetime(nowhere, Type.A), "an alias of what has no such record");
        assertEquals(OptionalLong.of(86400), ForwardCache.lifetime(message(Rcode.NOERROR, Section.ANSWER, a(HOST, 1_000_000)), Type.A));
    }

    @Test
    void shouldNotKeepWhatIsForOnceOnly() {
        cache.put(key("host.example.org."), message(Rcode.NOERROR, Section.ANSWER, a(HOST, 0)), 0);
        assertEquals(0, cache.size());
    }

    @Test
    void shouldLetTheLeastRecentlyUsedGo() {
        for (String name : List.of("a.", "b.", "c.")) {
            cache.put(key(name), message(Rcode.NOERROR, Section.ANSWER, a(HOST, 60)), 0);
        }
        cache.find(key("a."), 1);
        cache.put(key("d."), message(Rcode.NOERROR, Section.ANSWER, a(HOST, 60)), 0);
        assertEquals(3, cache.size());
        assertNull(cache.find(key("b."), 1));
        assertEquals(1, cache.find(key("a."), 1).getSection(Section.ANSWER).size());
    }
}
