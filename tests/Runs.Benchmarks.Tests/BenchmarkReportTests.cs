using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Comparison;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Tests;

public sealed class BenchmarkReportTests
{
    private const string Document =
        "# Benchmarks\n\nBefore.\n\n<!-- measured: begin -->\nearlier tables\n<!-- measured: end -->\n\nAfter.\n";

    [Fact]
    public void Goals_compare_the_samples_of_each_round()
    {
        var markdown = CreateReport().ToMarkdown();

        Assert.Contains("| creates/s with 64 callers, of the baseline | 2.00 | ≥ 1.5 | ok |", markdown, StringComparison.Ordinal);
        Assert.Contains("| p99 of creates with 64 callers, of the baseline | 1.50 | ≤ 1 | missed |", markdown, StringComparison.Ordinal);
        Assert.Contains("| start until ready, embedded, s |  | ≤ 1 | not measured |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_result_has_every_sample_and_the_ratios()
    {
        var file = BenchmarkResultFile.Parse(CreateReport().ToFile().ToJson());

        var rate = Assert.Single(file.Figures, figure => figure.Name == "creates: create, runs, 64 callers: rate");
        var ratio = Assert.Single(file.Figures, figure => figure.Name == "creates: create, runs, 64 callers: rate, of baseline");
        Assert.Equal([200, 220], rate.Samples);
        Assert.Equal([2, 2], ratio.Samples);
        Assert.Equal((false, true), (rate.IsComparable, ratio.IsComparable));
    }

    [Fact]
    public void Only_the_text_between_the_markers_is_replaced()
    {
        var directory = Directory.CreateTempSubdirectory("runs-bench-tests-");
        try
        {
            var file = Path.Combine(directory.FullName, "benchmarks.md");
            File.WriteAllText(file, Document);

            CreateReport().Write(file);

            var text = File.ReadAllText(file);
            Assert.StartsWith("# Benchmarks\n\nBefore.\n\n<!-- measured: begin -->\n\n## Machine", text, StringComparison.Ordinal);
            Assert.EndsWith("<!-- measured: end -->\n\nAfter.\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("earlier tables", text, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(directory.FullName, "benchmarks.json")));
            Assert.True(File.Exists(Path.Combine(directory.FullName, "benchmarks.svg")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static BenchmarkReport CreateReport()
    {
        var results = new BenchmarkResults();
        foreach (var perSecond in (int[])[100, 110])
        {
            AddSample(BenchmarkSubject.Baseline, perSecond, milliseconds: 10);
            AddSample(BenchmarkSubject.RunsServer, 2 * perSecond, milliseconds: 15);
        }

        return new BenchmarkReport(BenchmarkOptions.Full, results, ["Two cores."]);

        void AddSample(string subject, int perSecond, double milliseconds) =>
            results.Creates.Add(TestSamples.Create(BenchmarkResults.CreateKey(subject, callers: 64), perSecond, milliseconds));
    }
}
