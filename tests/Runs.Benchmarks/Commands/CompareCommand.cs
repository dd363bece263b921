using System.CommandLine;
using Runs.Benchmarks.Comparison;

namespace Runs.Benchmarks.Commands;

/// <summary>Compares the JSON files of two results.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var before = new Argument<string>("before") { Description = "The JSON file of the earlier result." };
        var after = new Argument<string>("after") { Description = "The JSON file of the newer result." };
        var tolerance = new Option<int>("--tolerance")
        {
            HelpName = "N",
            Description = "How much worse a figure may be before the command fails, in percent (5).",
            CustomParser = CountParser.Parse,
            DefaultValueFactory = _ => BenchmarkOptions.Full.TolerancePercent,
        };
        var command = new Command("compare", "Says which figures of a result moved beyond noise; fails if one got worse.")
        {
            before, after, tolerance,
        };
        command.SetAction(result => Report(
            Read(result.GetRequiredValue(after)), Read(result.GetRequiredValue(before)), result.GetValue(tolerance)));
        return command;
    }

    /// <exception cref="InvalidDataException">The file is not a result.</exception>
    public static BenchmarkResultFile Read(string file)
    {
        try
        {
            return BenchmarkResultFile.Parse(File.ReadAllText(file));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{file}: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the comparison to standard output.</summary>
    /// <returns>The exit code: 1 if a figure got worse beyond noise and by more than the tolerance.</returns>
    public static int Report(BenchmarkResultFile after, BenchmarkResultFile before, int tolerancePercent)
    {
        var comparison = new ResultComparison(after, before, tolerancePercent / 100.0);
        Console.Out.WriteLine();
        Console.Out.WriteLine(comparison.ToMarkdown());
        return comparison.Regressions.Count == 0 ? 0 : 1;
    }
}
