using System.Globalization;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about the messages and commands that a create causes.</summary>
internal static class WireCostsSection
{
    private const double SmallestShown = 0.005;

    public static string Format(BenchmarkResults results)
    {
        if (results.WireCosts.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(
            1, "", "callers", "messages published", "store writes", "awaited", "store reads", "in detail");
        foreach (var cost in results.WireCosts)
        {
            var writes = cost.StoreCommands.Where(count => MongoMessageReader.IsWrite(count.Key)).Sum(count => count.Value);
            table.AddRow(
                cost.Subject,
                cost.Callers.ToString(CultureInfo.InvariantCulture),
                NumberFormat.Format(cost.PublishedMessages),
                NumberFormat.Format(writes),
                NumberFormat.Format(cost.AwaitedWrites),
                NumberFormat.Format(cost.StoreCommands.Values.Sum() - writes),
                string.Join(", ", cost.BrokerMessages
                    .Concat(cost.StoreCommands)
                    .Where(count => count.Value >= SmallestShown)
                    .Select(count => $"{count.Key} {NumberFormat.Format(count.Value)}")));
        }

        return $"""
            ## What each create costs

            Counted on the wire between the server and its broker and store, per create. A write is awaited when delaying it
            delays the response.

            {table}
            """;
    }
}
