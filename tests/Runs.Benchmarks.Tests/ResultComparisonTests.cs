using Runs.Benchmarks.Comparison;

namespace Runs.Benchmarks.Tests;

public sealed class ResultComparisonTests
{
    [Fact]
    public void A_result_is_read_as_it_was_written()
    {
        var result = TestFigures.Result(TestFigures.Rate(1, 2, 3));

        var read = BenchmarkResultFile.Parse(result.ToJson());

        Assert.Equal(result.ToJson(), read.ToJson());
        Assert.Equal([1, 2, 3], read.Figures[0].Samples);
        Assert.Null(read.Goals[0].Measured);
    }

    [Fact]
    public void A_result_of_another_schema_version_is_rejected()
    {
        var json = TestFigures.Result().ToJson().Replace("\"schema_version\": 1", "\"schema_version\": 2", StringComparison.Ordinal);

        var exception = Assert.Throws<InvalidDataException>(() => BenchmarkResultFile.Parse(json));

        Assert.Contains("schema version 1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not JSON")]
    public void A_file_that_is_no_result_is_rejected(string json) =>
        Assert.Throws<InvalidDataException>(() => BenchmarkResultFile.Parse(json));

    [Fact]
    public void Figures_are_compared_by_name()
    {
        var kept = TestFigures.Rate(1, 1, 1);
        var removed = kept with { Name = "removed" };
        var added = kept with { Name = "added" };

        var comparison = new ResultComparison(TestFigures.Result(added, kept), TestFigures.Result(kept, removed), tolerance: 0.05);

        Assert.Equal(kept.Name, Assert.Single(comparison.Figures).Figure.Name);
    }

    [Fact]
    public void A_regression_is_marked_and_counted()
    {
        var before = TestFigures.Result(TestFigures.Rate(1, 1, 1));
        var after = TestFigures.Result(TestFigures.Rate(0.5, 0.5, 0.5));

        var comparison = new ResultComparison(after, before, tolerance: 0.05);

        Assert.Single(comparison.Regressions);
        Assert.Contains("| 0.50 | 0.50-0.50 | WORSE |", comparison.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("1 of 1 figures got worse", comparison.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Results_without_a_common_figure_say_so()
    {
        var comparison = new ResultComparison(TestFigures.Result(), TestFigures.Result(), tolerance: 0.05);

        Assert.Contains("no figure in common", comparison.ToMarkdown(), StringComparison.Ordinal);
    }
}
