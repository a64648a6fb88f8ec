package dev.weft.ffm.bpf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An object file with one XDP program and one map, as a compiler would make it and libbpf loads it: ELF (gABI, "Object Files"), 64 bit,
 * little-endian, relocatable, with the relocations of the kernel's Documentation/bpf/llvm_reloc.rst. A file: its header, the contents of
 * the sections, the table of sections.
 */
public final class BpfObjectFile {

    private static final int ELF_HEADER = 64;
    private static final int SECTION_HEADER = 64;
    private static final int SYMBOL = 24;
    private static final int RELOCATION = 16;
    private static final int ALIGNMENT = 8;
    private static final int ET_REL = 1;
    private static final int EM_BPF = 247;
    private static final int SHT_PROGBITS = 1;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_STRTAB = 3;
    private static final int SHT_REL = 9;
    private static final int SHF_WRITE = 1;
    private static final int SHF_ALLOC = 2;
    private static final int SHF_EXECINSTR = 4;
    private static final int GLOBAL_OBJECT = 1 << 4 | 1;
    private static final int GLOBAL_FUNCTION = 1 << 4 | 2;
    private static final int R_BPF_64_64 = 1;
    /** Numbers of sections; 0 is that of none, and a symbol table begins with a symbol that is none. */
    private static final int PROGRAM = 1;
    private static final int MAPS = 2;
    private static final int SYMBOLS = 6;
    private static final int NAMES = 7;
    private static final int MAP_SYMBOL = 2;

    private record Section(String name, int type, int flags, byte[] content, int link, int info, int entrySize) {
    }

    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private final List<Section> sections = new ArrayList<>();

    private BpfObjectFile() {
        names.write(0);
    }

    /**
     * Writes one.
     *
     * @param license that the program says it is under; some helpers of the kernel ask for "GPL" or one that goes with it
     */
    public static byte[] of(BpfProgram program, BpfMap map, String license) {
        return new BpfObjectFile().write(program, map, license);
    }

    private byte[] write(BpfProgram program, BpfMap map, String license) {
        byte[] symbols = symbols(program, map);
        sections.add(new Section("", 0, 0, new byte[0], 0, 0, 0));
        sections.add(new Section("xdp", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code(program), 0, 0, 0));
        sections.add(new Section(BtfMapDefinition.SECTION, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, new byte[BtfMapDefinition.size()], 0, 0, 0));
        sections.add(new Section("license", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, (license + "\0").getBytes(StandardCharsets.US_ASCII), 0, 0, 0));
        sections.add(new Section(".BTF", SHT_PROGBITS, 0, BtfMapDefinition.of(map), 0, 0, 0));
        sections.add(new Section(".relxdp", SHT_REL, 0, relocations(program), SYMBOLS, PROGRAM, RELOCATION));
        // A symbol table's info is the number of its first global symbol.
        sections.add(new Section(".symtab", SHT_SYMTAB, 0, symbols, NAMES, 1, SYMBOL));
        List<Integer> nameOffsets = new ArrayList<>(sections.stream().map(section -> name(section.name())).toList());
        nameOffsets.add(name(".strtab"));
        sections.add(new Section(".strtab", SHT_STRTAB, 0, names.toByteArray(), 0, 0, 0));
        return layOut(nameOffsets);
    }

    private static byte[] code(BpfProgram program) {
        ByteBuffer code = little(program.instructions().length * Long.BYTES);
        code.asLongBuffer().put(program.instructions());
        return code.array();
    }

    /** Elf64_Sym: name 4, info 1, other 1, section 2, value 8, size 8. */
    private byte[] symbols(BpfProgram program, BpfMap map) {
        ByteBuffer symbols = little(3 * SYMBOL);
        symbols.position(SYMBOL);
        symbols.putInt(name(program.name())).put((byte) GLOBAL_FUNCTION).put((byte) 0).putShort((short) PROGRAM)
                .putLong(0).putLong((long) program.instructions().length * Long.BYTES);
        symbols.putInt(name(map.name())).put((byte) GLOBAL_OBJECT).put((byte) 0).putShort((short) MAPS)
                .putLong(0).putLong(BtfMapDefinition.size());
        return symbols.array();
    }

    /** Elf64_Rel: offset 8, symbol and type 8. */
    private static byte[] relocations(BpfProgram program) {
        ByteBuffer relocations = little(program.mapReferences().length * RELOCATION);
        for (int at : program.mapReferences()) {
            relocations.putLong((long) at * Long.BYTES).putLong((long) MAP_SYMBOL << 32 | R_BPF_64_64);
        }
        return relocations.array();
    }

    private int name(String value) {
        if (value.isEmpty()) {
            return 0;
        }
        int offset = names.size();
        names.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
        names.write(0);
        return offset;
    }

    /**
     * Elf64_Ehdr: magic, class, byte order, version 7, zeros 9, type 2, machine 2, version 4, entry 8, programs 8, sections 8, flags 4, its
     * size 2, size and number of program headers 2 each, of section headers 2 each, number of the section with the names 2.
     */
    private byte[] layOut(List<Integer> nameOffsets) {
        int contents = sections.stream().mapToInt(section -> aligned(section.content().length)).sum();
        ByteBuffer file = little(ELF_HEADER + contents + sections.size() * SECTION_HEADER);
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        file.putShort((short) ET_REL).putShort((short) EM_BPF).putInt(1).putLong(0).putLong(0).putLong((long) ELF_HEADER + contents).putInt(0)
                .putShort((short) ELF_HEADER).putShort((short) 0).putShort((short) 0)
                .putShort((short) SECTION_HEADER).putShort((short) sections.size()).putShort((short) NAMES);
        int offset = ELF_HEADER;
        int header = ELF_HEADER + contents;
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            file.put(offset, section.content());
            file.position(header);
            header(file, section, nameOffsets.get(i), offset);
            offset += aligned(section.content().length);
            header += SECTION_HEADER;
        }
        return file.array();
    }

    /** Elf64_Shdr: name 4, type 4, flags 8, address 8, offset 8, size 8, link 4, info 4, alignment 8, entry size 8. */
    private static void header(ByteBuffer file, Section section, int name, int offset) {
        if (section.type() != 0) {
            file.putInt(name).putInt(section.type()).putLong(section.flags()).putLong(0).putLong(offset).putLong(section.content().length)
                    .putInt(section.link()).putInt(section.info()).putLong(ALIGNMENT).putLong(section.entrySize());
        }
    }

    private static int aligned(int length) {
        return length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
