using System.Globalization;
using System.Text.RegularExpressions;
using MongoDB.Bson;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>A query of docs/operations.md, "Look inside", as <c>mongosh</c> evaluates it.</summary>
/// <param name="Collection">The collection that it reads.</param>
/// <param name="Method"><c>find</c>, <c>findOne</c> or <c>aggregate</c>.</param>
/// <param name="Arguments">The arguments of the method.</param>
/// <param name="Sort">The order; empty without one.</param>
/// <param name="Meaning">The comment after the query.</param>
public sealed partial record OperationsQuery(string Collection, string Method, BsonArray Arguments, BsonDocument Sort, string Meaning)
{
    /// <summary>The conditions that an index may serve.</summary>
    public BsonDocument Filter => (Method == "aggregate" ? Arguments[0][0]["$match"] : Arguments[0]).AsBsonDocument;

    /// <summary>The queries, each about <paramref name="run"/> where the page names a run.</summary>
    public static IReadOnlyList<OperationsQuery> All(string run = "run_hello")
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/operations.md"));
        var constants = lines
            .Select(line => Constant().Match(line))
            .Where(match => match.Success)
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        var queries = lines.Where(line => line.StartsWith("db.", StringComparison.Ordinal));
        return [.. queries.Select(query => Parse(query.Replace("run_hello", run, StringComparison.Ordinal), constants))];
    }

    private static OperationsQuery Parse(string line, Dictionary<string, string> constants)
    {
        foreach (var (name, value) in constants)
        {
            line = line
                .Replace($"...{name}", value[1..^1], StringComparison.Ordinal)
                .Replace($" {name} ", $" {value} ", StringComparison.Ordinal);
        }

        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        line = Ago().Replace(
            line, ago => $"new Date({now - (long)double.Parse(ago.Groups[1].Value, CultureInfo.InvariantCulture)})");
        line = Id().Replace(line, pair => $"UUID(\"{RunIds.ForRun(pair.Groups[1].Value, pair.Groups[2].Value)}\")");
        var call = Call().Match(line);
        Assert.True(call.Success, line);
        return new OperationsQuery(
            call.Groups["collection"].Value,
            call.Groups["method"].Value,
            BsonDocument.Parse($"{{ all: [{call.Groups["arguments"].Value}] }}")["all"].AsBsonArray,
            call.Groups["sort"].Success ? BsonDocument.Parse(call.Groups["sort"].Value) : [],
            call.Groups["meaning"].Value);
    }

    [GeneratedRegex(@"^const (?<name>\w+) = (?<value>\{.*\})$")]
    private static partial Regex Constant();

    [GeneratedRegex(@"new Date\(Date\.now\(\) - ([0-9e]+)\)")]
    private static partial Regex Ago();

    [GeneratedRegex("""\bid\("([^"]+)", "([^"]+)"\)""")]
    private static partial Regex Id();

    [GeneratedRegex(
        @"^db\.(?<collection>\w+)\.(?<method>findOne|find|aggregate)\((?<arguments>.*?)\)"
        + @"(\.sort\((?<sort>.*)\))?\s+// (?<meaning>.+)$")]
    private static partial Regex Call();
}
