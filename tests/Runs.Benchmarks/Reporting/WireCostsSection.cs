using System.Globalization;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about the messages and commands that a create causes.</summary>
internal static class WireCostsSection
{
    private const double SmallestShown = 0.005;

    public static string Format(BenchmarkResults results) => results.WireCosts.Count == 0 ? "" : $"""
        ## What each create costs

        Counted on the wire between the server and its broker and store, per create. A write is awaited when delaying it
        delays the response.

        {CreateTable(results.WireCosts, withAwaitedWrites: true)}
        """;

    /// <summary>A table with a row for each cost.</summary>
    /// <param name="costs">The costs.</param>
    /// <param name="withAwaitedWrites">Whether it was measured which writes a caller waits for.</param>
    public static MarkdownTable CreateTable(List<WireCost> costs, bool withAwaitedWrites)
    {
        string[] awaitedHeading = withAwaitedWrites ? ["awaited"] : [];
        var table = new MarkdownTable(
            1, ["", "callers", "messages published", "store writes", .. awaitedHeading, "store reads", "in detail"]);
        foreach (var cost in costs)
        {
            var writes = cost.StoreCommands.Where(count => MongoMessageReader.IsWrite(count.Key)).Sum(count => count.Value);
            string[] awaited = withAwaitedWrites ? [NumberFormat.Format(cost.AwaitedWrites)] : [];
            table.AddRow([
                cost.Subject,
                cost.Callers.ToString(CultureInfo.InvariantCulture),
                NumberFormat.Format(cost.PublishedMessages),
                NumberFormat.Format(writes),
                .. awaited,
                NumberFormat.Format(cost.StoreCommands.Values.Sum() - writes),
                string.Join(", ", cost.BrokerMessages
                    .Concat(cost.StoreCommands)
                    .Where(count => count.Value >= SmallestShown)
                    .Select(count => $"{count.Key} {NumberFormat.Format(count.Value)}")),
            ]);
        }

        return table;
    }
}
