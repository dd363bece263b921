using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Comparison;
using Runs.Benchmarks.Reporting;

namespace Runs.Benchmarks.Tests;

public sealed class ExecutionReportTests
{
    [Theory]
    [InlineData("claims/s of 64 workers", 1_425, "ok")]
    [InlineData("claims/s of 64 workers, of the baseline", 0.95, "ok")]
    [InlineData("claims/s of 64 workers, embedded", 3_000, "ok")]
    [InlineData("rejected claims per claim, 2 api processes", 0.1, "ok")]
    [InlineData("p50 of a claim by one caller, ms", double.NaN, "not measured")]
    [InlineData("p50 from a 202 until an idle worker has the run, ms", 10, "ok")]
    [InlineData("p99 from a 202 until an idle worker has the run, ms", 90, "ok")]
    [InlineData("p99 of the read of a pool with 10,000 ready runs, ms", 1.5, "ok")]
    [InlineData("p99 of the read of a pool with 1,000,000 ready runs, ms", double.NaN, "not measured")]
    [InlineData("CPU of 1,000 idle workers, % of a core", 4, "ok")]
    [InlineData("memory of 1,000 idle workers, MB", 30, "ok")]
    [InlineData("store reads/s of 1,000 idle workers", 33, "ok")]
    [InlineData("store writes/s of 1,000 idle workers", 0, "ok")]
    [InlineData("store calls/s of 500 renewals/s", 33, "ok")]
    [InlineData("10,000 schedules due at once, until all runs are stored, s", 10, "ok")]
    [InlineData("reads/s for due schedules when none is due", 0.9, "ok")]
    public void Goals_are_evaluated(string description, double measured, string result)
    {
        var goals = new ExecutionGoals(BenchmarkOptions.Full, TestExecution.Results()).Evaluate();

        var goal = Assert.Single(goals, goal => goal.Description == description);
        Assert.Equal(measured, goal.Measured, tolerance: 0.05 * (double.IsNaN(measured) ? 0 : measured));
        Assert.Equal(result, goal.Result);
    }

    [Fact]
    public void Without_results_there_is_no_section() => Assert.Empty(ExecutionSection.Format(new ExecutionResults()));

    [Fact]
    public void Each_part_has_a_table()
    {
        var markdown = ExecutionSection.Format(TestExecution.Results()).ReplaceLineEndings("\n");

        Assert.StartsWith("## Execution\n", markdown, StringComparison.Ordinal);
        string[] rows =
        [
            "| claim | runs | 64 | 1,425 | 950-1,900 | 0.95 |",
            "| runs | 64 | 1.00 | 1.00 | 2.00 | publish (queue) 1.00, find runs 2.00, update runs 1.00 |",
            "| runs | 6 | 10.0 | 10.0-10.0 |",
            "| 2 | 100 | 100-100 |",
            "| 10,000 | 3 | 1.00 |",
            "| idle workers | 1,000 | 0 | 50.0 | 4.00 | 2.00 | 30.0 | 33.0 | 0.00 | 0 | find runs 36.0 |",
            "| workers that renew leases | 1,000 | 10,000 |",
            "| 10,000 | 10.0 |  | 0.40 | 0.20 | 0.00 | 90.0 | 0.90 |",
        ];
        Assert.All(rows, row => Assert.Contains(row, markdown, StringComparison.Ordinal));
    }

    [Fact]
    public void The_result_has_the_figures_of_each_round()
    {
        var results = new BenchmarkResults();
        results.Execution.Workers = TestExecution.Results().Workers;

        var figures = FigureCollector.Collect(results);

        var reads = Assert.Single(figures, figure => figure.Name == "workers: 1000 idle workers: reads");
        Assert.Equal([30, 36], reads.Samples);
        Assert.DoesNotContain(figures, figure => figure.Name.StartsWith("schedules:", StringComparison.Ordinal));
    }
}
