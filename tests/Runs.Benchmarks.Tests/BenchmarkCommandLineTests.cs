using System.CommandLine;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Tests;

public sealed class BenchmarkCommandLineTests
{
    private static readonly BenchmarkCommandLine CommandLine = new();

    [Fact]
    public void Without_options_everything_is_measured()
    {
        var options = Read();

        Assert.Equal(BenchmarkParts.All, options.Parts);
        Assert.Equal(BenchmarkSubject.Descriptions.Keys, options.Subjects);
        Assert.Equal(5, options.Rounds);
        Assert.Equal([1, 64, 256], options.CallerCounts);
        Assert.Equal(100_000, options.Appends);
        Assert.Null(options.Against);
    }

    [Fact]
    public void Options_override_those_of_a_quick_run()
    {
        var options = Read("--quick", "--rounds", "3");

        Assert.Equal(3, options.Rounds);
        Assert.Equal(BenchmarkOptions.Quick.SampleDuration, options.SampleDuration);
        Assert.Equal("--quick --rounds 3", options.CommandLine);
    }

    [Fact]
    public void Values_are_read()
    {
        var options = Read(
            "--seconds", "0.5", "--warm-up", "2", "--callers", "64,1", "--appends", "1000", "--agents", "50", "--against", "a.json",
            "--tolerance", "10", "--out", "b.md");

        Assert.Equal(TimeSpan.FromSeconds(0.5), options.SampleDuration);
        Assert.Equal(TimeSpan.FromSeconds(2), options.WarmUpDuration);
        Assert.Equal([1, 64], options.CallerCounts);
        Assert.Equal((1000, 50), (options.Appends, options.Agents));
        Assert.Equal(("a.json", 10, "b.md"), (options.Against, options.TolerancePercent, options.OutputFile));
    }

    [Fact]
    public void Names_are_taken_in_the_order_of_measurement()
    {
        var options = Read("--parts", "startup,creates", "--subjects", "runs,baseline");

        Assert.Equal([BenchmarkParts.Creates, BenchmarkParts.Startup], options.Parts);
        Assert.Equal([BenchmarkSubject.Baseline, BenchmarkSubject.RunsServer], options.Subjects);
    }

    [Fact]
    public void A_million_runs_replace_the_larger_store() => Assert.Equal([10_000, 1_000_000], Read("--million").StoreSizes);

    [Theory]
    [InlineData("--subjects", "floor", "'floor' is none of baseline")]
    [InlineData("--parts", "operations", "'operations' is none of creates")]
    [InlineData("--rounds", "0", "'0' is not a positive number")]
    [InlineData("--callers", "1,x", "'x' is not a number of callers")]
    [InlineData("--seconds", "-1", "'-1' is not a number of seconds")]
    [InlineData("--builds", "before=missing", "is not NAME=DIR")]
    public void An_invalid_value_is_named(string option, string value, string message)
    {
        var error = Assert.Single(Parse(option, value).Errors);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static BenchmarkOptions Read(params string[] arguments)
    {
        var result = Parse(arguments);
        Assert.Empty(result.Errors);
        return CommandLine.Read(result);
    }

    private static ParseResult Parse(params string[] arguments)
    {
        var command = new Command("bench");
        foreach (var option in CommandLine.Options)
        {
            command.Add(option);
        }

        return new RootCommand { command }.Parse(["bench", .. arguments]);
    }
}
