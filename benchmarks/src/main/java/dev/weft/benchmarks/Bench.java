package dev.weft.benchmarks;

import dev.weft.api.DataPathKind;
import dev.weft.benchmarks.control.ChangeBenchmark;
import dev.weft.benchmarks.names.NameBenchmark;
import dev.weft.benchmarks.peers.PeersReport;
import dev.weft.benchmarks.pipeline.PipelineReport;
import dev.weft.benchmarks.simulation.SimulationReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What {@code ./weft bench} measures, each with its arguments. */
@Command(name = "./weft bench", description = "Measures one thing:", synopsisSubcommandLabel = "NAME [ARGUMENTS]", mixinStandardHelpOptions = true)
public final class Bench implements Runnable {

    private static final String JMH = "jmh";
    private static final int WIDTH = 140;
    private static final Path HOME = Path.of(System.getProperty("weft.home", "."));
    private static final Path RESULTS = HOME.resolve("target");

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals(JMH)) {
            org.openjdk.jmh.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        int code = run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** @return the exit code; 2 when the arguments are wrong */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Bench()).setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(WIDTH);
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> list(line));
        return line.setParameterExceptionHandler(Bench::refuse).execute(arguments);
    }

    private static int refuse(ParameterException wrong, String[] arguments) {
        CommandLine line = wrong.getCommandLine();
        line.getErr().println("weft bench: " + wrong.getMessage());
        line.usage(line.getErr());
        return CommandLine.ExitCode.USAGE;
    }

    private static String list(CommandLine line) {
        return line.getSubcommands().values().stream().map(CommandLine::getCommandSpec).map(each -> "  %-47s %s%n".formatted(
                each.name() + arguments(each), each.usageMessage().description()[0])).collect(Collectors.joining());
    }

    private static String arguments(CommandSpec command) {
        return Stream.concat(
                command.positionalParameters().stream().map(each -> each.paramLabel() + (each.arity().isVariable() ? "..." : "")),
                command.options().stream().filter(each -> !each.usageHelp() && !each.versionHelp()).map(OptionSpec::longestName))
                .map(text -> " [" + text + "]").collect(Collectors.joining());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static final class Positive implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[1-9][0-9]{0,8}")) {
                throw new TypeConversionException("'" + text + "' is no number of 1 or more");
            }
            return Integer.valueOf(text);
        }
    }

    private void require(String command, List<String> names, Predicate<String> known) {
        names.stream().filter(known.negate()).findFirst().ifPresent(name -> {
            throw new ParameterException(spec.commandLine().getSubcommands().get(command), "nothing here has '" + name + "' in its name");
        });
    }

    @Command(description = "questions for names, by dig, a JVM and many datagrams; needs root", mixinStandardHelpOptions = true)
    void names(@Parameters(paramLabel = "socket|kernel|dpdk", arity = "0..1", defaultValue = "SOCKET",
                       description = "${DEFAULT-VALUE}") DataPathKind kind,
               @Parameters(paramLabel = "RATE", arity = "0..1", defaultValue = "10000", converter = Positive.class,
                       description = "a second; ${DEFAULT-VALUE}") int rate,
               @Parameters(paramLabel = "SECONDS", arity = "0..1", defaultValue = "10", converter = Positive.class,
                       description = "${DEFAULT-VALUE}") int seconds) throws Exception {
        NameBenchmark.run(kind, rate, seconds);
    }

    @Command(description = "a look-up among 1,000,000 flows beside one among 1,000", mixinStandardHelpOptions = true)
    void flows() {
        FlowLookupReport.run();
    }

    @Command(description = "what a packet costs in each stage, in Java and in C: tables, JSON and a chart in target/",
            mixinStandardHelpOptions = true)
    void pipeline(@Parameters(paramLabel = "FORKS", arity = "0..1", defaultValue = "5", converter = Positive.class,
                          description = "of Java and of C in turn; ${DEFAULT-VALUE}") int forks,
                  @Parameters(paramLabel = "MS", arity = "0..1", defaultValue = "400", converter = Positive.class,
                          description = "for each case; ${DEFAULT-VALUE}") int millis,
                  @Parameters(paramLabel = "CASE", arity = "0..*", description = "part of a name, as WORK:SIZE:FLOWS:ENDPOINTS:CACHE; all otherwise")
                  List<String> cases) throws Exception {
        List<String> wanted = cases == null ? List.of() : cases;
        require("pipeline", wanted, PipelineReport::isCase);
        PipelineReport.run(RESULTS, HOME.resolve("benchmarks/src/main/c"), forks, millis, wanted);
    }

    @Command(description = "beside the bare wire, kernel VXLAN, OVS, nebula and wireguard-go; needs root", mixinStandardHelpOptions = true)
    void peers(@Parameters(paramLabel = "ROUNDS", arity = "0..1", defaultValue = "3", converter = Positive.class,
                       description = "${DEFAULT-VALUE}") int rounds,
               @Parameters(paramLabel = "SECONDS", arity = "0..1", defaultValue = "2", converter = Positive.class,
                       description = "for each measurement; ${DEFAULT-VALUE}") int seconds,
               @Parameters(paramLabel = "RIVAL", arity = "0..*", description = "whole words of a name; all otherwise") List<String> rivals,
               @Option(names = "--single", description = "on a wire that carries single datagrams") boolean single) throws Exception {
        List<String> wanted = rivals == null ? List.of() : rivals;
        require("peers", wanted, PeersReport::isRival);
        PeersReport.run(RESULTS, rounds, seconds, single, wanted);
    }

    @Command(description = "one change among 100 to 100,000 endpoints: a table, JSON and a chart in target/", mixinStandardHelpOptions = true)
    void control() throws Exception {
        ChangeBenchmark.run(RESULTS);
    }

    @Command(description = "the control plane in virtual time: a table, and charts in target/", mixinStandardHelpOptions = true)
    void simulation(@Parameters(paramLabel = "NODES", arity = "0..*", defaultValue = "10 100 1000", split = " ", converter = Positive.class,
            description = "sizes of clusters; ${DEFAULT-VALUE}") List<Integer> sizes) throws Exception {
        SimulationReport.run(RESULTS, sizes);
    }

    /** For the list; {@link #main} leaves its arguments to JMH. */
    @Command(name = JMH, description = "FlowTable, Gcm, PacketPath or TableLookup by JMH, all otherwise; jmh -h has its options",
            mixinStandardHelpOptions = true)
    void jmh(@Parameters(paramLabel = "REGEXP", arity = "0..1") String pattern,
             @Parameters(paramLabel = "JMH'S OPTIONS", arity = "0..*") List<String> options) {
        throw new ParameterException(spec.commandLine(), "JMH takes its arguments itself");
    }
}
