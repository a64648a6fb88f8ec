package dev.weft.mesh.dns;

import java.io.IOException;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A question that came to the name server, read and checked, and what its answers must be like. Immutable.
 *
 * @param question the one question of the message
 * @param limit    bytes that the answer may have
 */
record Query(Message message, Record question, int limit) {

    /** RFC 6891, 6.2.5: what EDNS senders fall back to, since it crosses every path in one piece. */
    static final int EDNS_PAYLOAD = 1232;

    private static final int QUESTION_COUNT = 4;
    private static final int DNSSEC_OK = 0x8000;
    /** RFC 1035, 4.2.1: of a UDP message without EDNS. */
    private static final int PLAIN_LIMIT = 512;
    /** RFC 6895, 3.1: 128 to 254 are types of questions and of what belongs to a message; 255 is ANY. */
    private static final int FIRST_META_TYPE = 128;

    /** What a message turned out to be. */
    sealed interface Read {
        /** A question to answer. */
        record Asked(Query query) implements Read {
        }

        /** Not to be answered but by this. @param malformed whether it breaks the protocol, and is not only unsupported */
        record Refused(byte[] answer, boolean malformed) implements Read {
        }

        /** Nothing that anybody could answer. */
        record Noise() implements Read {
        }
    }

    /** @param room bytes that the transport has for the answer, at least 512 */
    static Read read(byte[] wire, int room) {
        if (wire.length < Header.LENGTH || (wire[2] & 0x80) != 0) {
            return new Read.Noise(); // RFC 5452, 4: an answer is never answered
        }
        if ((wire[2] >> 3 & 0xf) != Opcode.QUERY) {
            return new Read.Refused(bare(wire, Rcode.NOTIMP), false);
        }
        if (wire[QUESTION_COUNT] != 0 || wire[QUESTION_COUNT + 1] != 1) {
            return new Read.Refused(bare(wire, Rcode.FORMERR), true); // RFC 9619
        }
        try {
            Message message = new Message(wire);
            return message.getQuestion() == null ? new Read.Refused(bare(wire, Rcode.FORMERR), true) : checked(message, room);
        } catch (IOException | RuntimeException e) {
            return new Read.Refused(bare(wire, Rcode.FORMERR), true);
        }
    }

    private static Read checked(Message message, int room) {
        Record question = message.getQuestion();
        List<OPTRecord> options = message.getSection(Section.ADDITIONAL).stream()
                .filter(OPTRecord.class::isInstance).map(OPTRecord.class::cast).toList();
        int asked = options.isEmpty() ? PLAIN_LIMIT : Math.max(PLAIN_LIMIT, options.getFirst().getPayloadSize());
        Query query = new Query(message, question, room >= Message.MAXLENGTH ? Message.MAXLENGTH : Math.min(room, asked));
        if (options.size() > 1) {
            return query.refused(Rcode.FORMERR, true); // RFC 6891, 6.1.1
        }
        if (!options.isEmpty() && options.getFirst().getVersion() != 0) {
            return query.refused(Rcode.BADVERS, false);
        }
        if (question.getDClass() != DClass.IN || question.getType() == Type.AXFR || question.getType() == Type.IXFR) {
            return query.refused(Rcode.REFUSED, false);
        }
        if (question.getType() == Type.OPT || question.getType() >= FIRST_META_TYPE && question.getType() < Type.ANY) {
            return query.refused(Rcode.NOTIMP, false);
        }
        return new Read.Asked(query);
    }

    private Read refused(int rcode, boolean malformed) {
        return new Read.Refused(wire(answer(rcode)), malformed);
    }

    /** A header alone, for a message whose rest cannot be trusted. */
    private static byte[] bare(byte[] wire, int rcode) {
        Header header = new Header(0x100 * (wire[0] & 0xff) + (wire[1] & 0xff));
        header.setFlag(Flags.QR);
        header.setOpcode(wire[2] >> 3 & 0xf);
        header.setRcode(rcode);
        return header.toWire();
    }

    /** The beginning of an answer: header, question as it was asked, and EDNS when it was asked with it. */
    Message answer(int rcode) {
        Message answer = new Message(message.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        for (int flag : new int[] {Flags.RD, Flags.CD}) {
            if (message.getHeader().getFlag(flag)) {
                answer.getHeader().setFlag(flag);
            }
        }
        answer.getHeader().setRcode(rcode & 0xf);
        answer.addRecord(question, Section.QUESTION);
        if (message.getOPT() != null) {
            answer.addRecord(new OPTRecord(EDNS_PAYLOAD, rcode >> 4, 0), Section.ADDITIONAL);
        }
        return answer;
    }

    /** What a server elsewhere said, as an answer to this question. */
    Message relayed(Message elsewhere) {
        Message answer = answer(elsewhere.getRcode());
        if (elsewhere.getHeader().getFlag(Flags.AD)) {
            answer.getHeader().setFlag(Flags.AD);
        }
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL}) {
            elsewhere.getSection(section).stream().filter(record -> record.getType() != Type.OPT)
                    .forEach(record -> answer.addRecord(record, section));
        }
        return answer;
    }

    /** In the size that the asker takes; what does not fit is left out and the answer marked as truncated. */
    byte[] wire(Message answer) {
        return answer.toWire(limit);
    }

    /** Without the dot at the end. Characters that hosts' names do not have are written as \DDD. */
    String name() {
        return question.getName().toString(true);
    }

    boolean wantsRecursion() {
        return message.getHeader().getFlag(Flags.RD);
    }

    /** Whether signatures are asked for (RFC 3225). */
    boolean wantsSignatures() {
        return message.getOPT() != null && (message.getOPT().getFlags() & DNSSEC_OK) != 0;
    }

    boolean checkingDisabled() {
        return message.getHeader().getFlag(Flags.CD);
    }
}
