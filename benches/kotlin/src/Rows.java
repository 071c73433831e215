package io.github.workloadidentity.benches;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks of a class and prints a row for each peer. */
final class Rows {
    private final Map<String, Double> nanoseconds = new HashMap<>();

    /** Runs each method of `benches` in a process of its own. JMH's report goes to standard error's file. */
    Rows(Class<?> benches) throws RunnerException {
        var options = new OptionsBuilder()
            .include(benches.getName() + "\\.")
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(5)
            .measurementTime(TimeValue.seconds(1))
            .jvmArgs("--enable-native-access=ALL-UNNAMED")
            .output(System.getProperty("jmh.report"))
            .build();
        Collection<RunResult> results = new Runner(options).run();
        for (RunResult result : results) {
            nanoseconds.put(result.getPrimaryResult().getLabel(), result.getPrimaryResult().getScore());
        }
    }

    void print(String row, String ours, String peer, String peerMethod, double required) {
        System.out.println(String.format(
            Locale.ROOT,
            "{\"row\":\"%s\",\"ours_ns\":%.1f,\"peer\":\"%s\",\"peer_ns\":%.1f,\"required\":%.2f}",
            row, nanoseconds.get(ours), peer, nanoseconds.get(peerMethod), required
        ));
    }
}
