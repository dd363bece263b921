using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Scenarios;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Reporting;

/// <summary>The report at the end.</summary>
internal static class ResultReport
{
    /// <returns>
    /// The exit code: 0 when every invariant held; in a self-test, the number of undetected corruptions.
    /// </returns>
    public static int Print(ScenarioContext context, Scenario scenario, EventSubscriber subscriber)
    {
        var experiment = context.Experiment;
        WriteLine("");
        WriteLine($"torture {scenario.Name}, seed {experiment.Options.Seed}: {scenario.Description}");
        PrintMetrics(context, subscriber);
        WriteLine("");
        PrintInvariants(experiment.Violations);
        File.WriteAllLines(
            Path.Combine(experiment.OutputDirectory, "violations.txt"),
            experiment.Violations.All.SelectMany(
                violated => violated.Descriptions.Select(description => $"{violated.Invariant}: {description}")));
        WriteLine("");
        WriteLine(experiment.Violations.Count == 0
            ? "every promise was kept"
            : $"{experiment.Violations.Count} violations; see {experiment.OutputDirectory}");
        if (experiment.Options.IsSelfTest)
        {
            return CountUndetected(experiment.Violations);
        }

        return experiment.Violations.Count == 0 ? 0 : 1;
    }

    private static void PrintMetrics(ScenarioContext context, EventSubscriber subscriber)
    {
        var (experiment, injector) = (context.Experiment, context.FaultInjector);
        var processes = $"{experiment.Addresses.Count} api and {experiment.Deployment.Lifecycles.Count} lifecycle processes";
        WriteLine(FormattableString.Invariant(
            $"  {experiment.Options.Callers} callers, {processes}, {Environment.ProcessorCount} cores, {Clock.ElapsedSeconds:0} s"));
        var responses = experiment.ResponseCounts.OrderByDescending(count => count.Value);
        WriteRow("calls", $"{experiment.History.Calls.Count}: {FormatCounts(responses)}");
        if (injector.InjectedCounts.Count > 0)
        {
            var faults = injector.InjectedCounts.OrderBy(count => count.Key, StringComparer.Ordinal);
            WriteRow("faults", $"{injector.InjectedCounts.Values.Sum()}: {FormatCounts(faults)}");
            WriteRow("first 202 after a fault, the longest", MetricFormat.Seconds(LongestRecovery(context)));
        }

        var (received, republished) = (subscriber.ReceivedCount, subscriber.RepublishedCount);
        WriteRow("events received, and those published again", $"{received}, {republished}");
        var (unacknowledged, duplicates) = (injector.Servers.UnacknowledgedMessages, context.DuplicateReplies);
        WriteRow("redelivered: with killed servers, replied twice", $"{unacknowledged}, {duplicates}");
        var acknowledged = experiment.TrackedRuns.Values.Count(run => run.MustExist);
        WriteRow("runs that a caller was answered or confirmed", $"{acknowledged}");
        foreach (var (label, value) in experiment.Metrics)
        {
            WriteRow(label, value);
        }
    }

    private static void PrintInvariants(InvariantViolations violations)
    {
        foreach (var invariant in Invariants.All)
        {
            var count = violations.CountFor(invariant);
            WriteLine(count == 0 ? $"  kept    {invariant}" : $"  BROKEN  {invariant} ({count})");
            foreach (var example in violations.ExamplesFor(invariant))
            {
                WriteLine($"            {example}");
            }
        }
    }

    private static int CountUndetected(InvariantViolations violations)
    {
        var undetected = CorruptionSelfTest.ExpectedViolations.Where(invariant => violations.CountFor(invariant) == 0).ToList();
        WriteLine(undetected.Count == 0
            ? "every corruption was detected"
            : $"the check did not detect violations of: {string.Join("; ", undetected)}");
        return undetected.Count;
    }

    private static double LongestRecovery(ScenarioContext context)
    {
        var accepted = context.Experiment.History.Calls
            .Where(call => call.IsAcceptedCreate)
            .Select(call => call.End)
            .Order()
            .ToList();
        return context.FaultInjector.FaultEndTimes.Max(
            end => accepted.Find(time => time > end) is var time and > 0 ? time - end : 0);
    }

    private static string FormatCounts(IEnumerable<KeyValuePair<string, int>> counts) =>
        string.Join(", ", counts.Select(count => $"{count.Value} x {count.Key}"));

    private static void WriteRow(string label, string value) =>
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {label + ":",-55} {value}"));

    private static void WriteLine(string text) => Console.Out.WriteLine(text);
}
