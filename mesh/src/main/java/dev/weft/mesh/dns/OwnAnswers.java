package dev.weft.mesh.dns;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** What a network itself says to a question about its names. A name that is there but has no such record: no error, no records. */
final class OwnAnswers {

    /** For this transaction only (RFC 1035, 3.2.1): whoever kept an answer would miss the next change. For the same reason none has an SOA. */
    private static final long TTL = 0;
    private static final Name IPV4_REVERSE = Name.fromConstantString("in-addr.arpa.");
    private static final Name IPV6_REVERSE = Name.fromConstantString("ip6.arpa.");
    private static final int IPV4_LABELS = 4;
    private static final int IPV6_LABELS = 32;

    private final int vni;
    private final NetworkNames names;
    private final NodeNames node;

    OwnAnswers(int vni, NetworkNames names, NodeNames node) {
        this.vni = vni;
        this.names = names;
        this.node = node;
    }

    /** None when the name is not the network's: somebody else is to be asked. */
    Optional<Message> answer(Query query) {
        Optional<InetAddress> reversed = reversed(query.question().getName());
        if (reversed.isPresent()) {
            return names.isOwn(reversed.get()) ? Optional.of(pointer(query, reversed.get())) : Optional.empty();
        }
        return names.isOwn(query.name()) ? Optional.of(addresses(query)) : Optional.empty();
    }

    private Message addresses(Query query) {
        Optional<List<InetAddress>> found = names.addresses(query.name());
        Message answer = authoritative(query, found.isPresent() ? Rcode.NOERROR : Rcode.NXDOMAIN);
        int type = query.question().getType();
        Name owner = query.question().getName(); // as it was asked: letters keep their case
        if (type == Type.A || type == Type.ANY) {
            node.rotated(vni, query.name(), found.orElse(List.of()), true)
                    .forEach(address -> answer.addRecord(new ARecord(owner, DClass.IN, TTL, (Inet4Address) address), Section.ANSWER));
        }
        if (type == Type.AAAA || type == Type.ANY) {
            node.rotated(vni, query.name(), found.orElse(List.of()), false)
                    .forEach(address -> answer.addRecord(new AAAARecord(owner, DClass.IN, TTL, (Inet6Address) address), Section.ANSWER));
        }
        return answer;
    }

    private Message pointer(Query query, InetAddress address) {
        List<Record> pointers = new ArrayList<>();
        for (String name : names.names(address)) {
            try {
                pointers.add(new PTRRecord(query.question().getName(), DClass.IN, TTL, Name.fromString(name, Name.root)));
            } catch (TextParseException e) {
                continue; // together with the network's it is longer than names can be (RFC 1035, 2.3.4)
            }
        }
        Message answer = authoritative(query, pointers.isEmpty() ? Rcode.NXDOMAIN : Rcode.NOERROR);
        int type = query.question().getType();
        if (type == Type.PTR || type == Type.ANY) {
            pointers.forEach(pointer -> answer.addRecord(pointer, Section.ANSWER));
        }
        return answer;
    }

    private static Message authoritative(Query query, int rcode) {
        Message answer = query.answer(rcode);
        answer.getHeader().setFlag(Flags.AA);
        return answer;
    }

    /** The address that a name of the reverse trees stands for, when it is that of one whole address. */
    private static Optional<InetAddress> reversed(Name name) {
        int labels = name.labels() - 3; // without the tree's two, and the root
        if (labels == IPV4_LABELS && name.subdomain(IPV4_REVERSE) || labels == IPV6_LABELS && name.subdomain(IPV6_REVERSE)) {
            try {
                return Optional.of(ReverseMap.fromName(name));
            } catch (UnknownHostException | RuntimeException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
