using System.Globalization;

namespace Runs.Bench.Torture;

/// <summary>The page at the end.</summary>
internal static class Verdict
{
    /// <returns>The exit code: 0 when every promise was kept.</returns>
    public static int Print(Rig rig, Scenario scenario, Listener listener)
    {
        var (stage, harm) = (rig.Stage, rig.Harm);
        Line("");
        Line($"torture {scenario.Name}, seed {stage.Options.Seed}: {scenario.What}");
        Line($"  {stage.Options.Callers} callers, {stage.Addresses.Count} api and {stage.Deployment.Lifecycles.Count} lifecycle processes, {Environment.ProcessorCount} cores, {Watch.Seconds:0} s");
        Row("calls", $"{stage.History.Calls.Count}: {string.Join(", ", stage.Counts.OrderByDescending(count => count.Value).Select(count => $"{count.Value} x {count.Key}"))}");
        if (harm.Done.Count > 0)
        {
            Row("faults", $"{harm.Done.Values.Sum()}: {string.Join(", ", harm.Done.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} x {count.Key}"))}");
            Row("first 202 after a fault, the longest", $"{Longest(rig):0.0} s");
        }

        Row("facts heard, and those told again", $"{listener.Heard}, {listener.Repeats}");
        Row("delivered again: with killed servers, answered twice", $"{harm.Unacknowledged}, {rig.RepeatedReplies}");
        Row("runs that a caller was answered or confirmed", $"{stage.Subjects.Values.Count(subject => subject.IsPromised)}");
        foreach (var (what, figure) in stage.Figures)
        {
            Row(what, figure);
        }

        Line("");
        foreach (var promise in Promises.All)
        {
            var count = stage.Violations.Of(promise);
            Line($"  {(count == 0 ? "kept  " : "BROKEN")}  {promise}{(count == 0 ? "" : $" ({count})")}");
            foreach (var example in stage.Violations.ExamplesOf(promise))
            {
                Line($"            {example}");
            }
        }

        File.WriteAllLines(Path.Combine(stage.Folder, "violations.txt"), stage.Violations.All.SelectMany(broken => broken.Cases.Select(what => $"{broken.Promise}: {what}")));
        Line("");
        Line(stage.Violations.Count == 0 ? "every promise was kept" : $"{stage.Violations.Count} violations; see {stage.Folder}");
        return stage.Options.Sabotage ? Unfound(stage) : stage.Violations.Count == 0 ? 0 : 1;
    }

    private static int Unfound(Stage stage)
    {
        var unfound = Sabotage.Finds.Where(promise => stage.Violations.Of(promise) == 0).ToList();
        Line(unfound.Count == 0 ? "the sabotage was found" : $"the check did not find broken: {string.Join("; ", unfound)}");
        return unfound.Count;
    }

    private static double Longest(Rig rig)
    {
        var created = rig.Stage.History.Calls.Where(call => call is { Call: "create", Answer: "202" }).Select(call => call.End).Order().ToList();
        return rig.Harm.Ends.Max(end => created.Find(at => at > end) is var at and > 0 ? at - end : 0);
    }

    private static void Row(string what, string figure) => Line($"  {what + ":",-55} {figure}");

    private static void Line(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Line(string text) => Console.Out.WriteLine(text);
}
