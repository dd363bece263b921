using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Scenarios;
using Runs.FaultInjection.Topology;

namespace Runs.FaultInjection.Reporting;

/// <summary>The page at the end.</summary>
internal static class ResultReport
{
    /// <returns>The exit code: 0 when every promise was kept.</returns>
    public static int Print(ScenarioContext rig, Scenario scenario, EventSubscriber listener)
    {
        var (stage, harm) = (rig.Experiment, rig.FaultInjector);
        WriteLine("");
        WriteLine($"torture {scenario.Name}, seed {stage.Options.Seed}: {scenario.Description}");
        WriteLine($"  {stage.Options.Callers} callers, {stage.Addresses.Count} api and {stage.Deployment.Lifecycles.Count} lifecycle processes, {Environment.ProcessorCount} cores, {Clock.ElapsedSeconds:0} s");
        WriteRow("calls", $"{stage.History.Calls.Count}: {string.Join(", ", stage.ResponseCounts.OrderByDescending(count => count.Value).Select(count => $"{count.Value} x {count.Key}"))}");
        if (harm.InjectedCounts.Count > 0)
        {
            WriteRow("faults", $"{harm.InjectedCounts.Values.Sum()}: {string.Join(", ", harm.InjectedCounts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} x {count.Key}"))}");
            WriteRow("first 202 after a fault, the longest", $"{LongestRecovery(rig):0.0} s");
        }

        WriteRow("facts heard, and those told again", $"{listener.ReceivedCount}, {listener.RepublishedCount}");
        WriteRow("delivered again: with killed servers, answered twice", $"{harm.UnacknowledgedMessages}, {rig.DuplicateReplies}");
        WriteRow("runs that a caller was answered or confirmed", $"{stage.TrackedRuns.Values.Count(subject => subject.MustExist)}");
        foreach (var (what, figure) in stage.Metrics)
        {
            WriteRow(what, figure);
        }

        WriteLine("");
        foreach (var promise in Invariants.All)
        {
            var count = stage.Violations.CountFor(promise);
            WriteLine($"  {(count == 0 ? "kept  " : "BROKEN")}  {promise}{(count == 0 ? "" : $" ({count})")}");
            foreach (var example in stage.Violations.ExamplesFor(promise))
            {
                WriteLine($"            {example}");
            }
        }

        File.WriteAllLines(Path.Combine(stage.OutputDirectory, "violations.txt"), stage.Violations.All.SelectMany(broken => broken.Cases.Select(what => $"{broken.Promise}: {what}")));
        WriteLine("");
        WriteLine(stage.Violations.Count == 0 ? "every promise was kept" : $"{stage.Violations.Count} violations; see {stage.OutputDirectory}");
        return stage.Options.IsSelfTest ? CountUndetected(stage) : stage.Violations.Count == 0 ? 0 : 1;
    }

    private static int CountUndetected(Experiment stage)
    {
        var unfound = CorruptionSelfTest.ExpectedViolations.Where(promise => stage.Violations.CountFor(promise) == 0).ToList();
        WriteLine(unfound.Count == 0 ? "the sabotage was found" : $"the check did not find broken: {string.Join("; ", unfound)}");
        return unfound.Count;
    }

    private static double LongestRecovery(ScenarioContext rig)
    {
        var created = rig.Experiment.History.Calls.Where(call => call is { Call: "create", Answer: "202" }).Select(call => call.End).Order().ToList();
        return rig.FaultInjector.FaultEndTimes.Max(end => created.Find(at => at > end) is var at and > 0 ? at - end : 0);
    }

    private static void WriteRow(string what, string figure) => WriteLine($"  {what + ":",-55} {figure}");

    private static void WriteLine(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void WriteLine(string text) => Console.Out.WriteLine(text);
}
