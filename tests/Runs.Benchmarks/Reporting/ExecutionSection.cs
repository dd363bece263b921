namespace Runs.Benchmarks.Reporting;

/// <summary>The section about the execution of runs by workers.</summary>
internal static class ExecutionSection
{
    public static string Format(ExecutionResults results) => results.Claims.IsEmpty ? "" : $"""
        ## Execution

        {SampleTable.Create(results.Claims, "of the baseline", GetBaseline)}
        """;

    private static Runs.Benchmarks.Measurements.SampleKey GetBaseline(Runs.Benchmarks.Measurements.SampleKey key) =>
        key with { Subject = Runs.Benchmarks.Subjects.BenchmarkSubject.BaselineClaims, Operation = Runs.Benchmarks.Measurements.Execution.ClaimBenchmark.Operation };
}
