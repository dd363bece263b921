using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios;

/// <summary>R18: the store's disk is full, and then has room again. Callers are told so in time, and served again soon after.</summary>
internal static class FullDiskScenario
{
    private const double MaxRecoverySeconds = 10;

    public static async Task Execute(ScenarioContext rig)
    {
        var (times, every, lasting) = rig.FullOrShort((5, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(15)), (1, default, TimeSpan.FromSeconds(8)));
        await rig.RunUnderFaults(
            rig.FullOrShort(5_000, 600), TimeSpan.FromSeconds(rig.FullOrShort(180, 25)), _ => Fault.CreateRepeatedSchedule(times, TimeSpan.FromSeconds(5), every, lasting, FaultKind.FullStore));

        var calls = rig.Experiment.History.Calls.ToList();
        foreach (var (from, to) in rig.FaultInjector.FullDiskPeriods)
        {
            var back = calls.Where(call => call is { Call: "create", Answer: "202" } && call.Start > to).Select(call => call.End).DefaultIfEmpty(double.MaxValue).Min() - to;
            rig.Experiment.Metrics.Enqueue((
                string.Create(CultureInfo.InvariantCulture, $"calls over HTTP in the {to - from:0.0} s of a full disk"), MetricFormat.CountByValue(calls.Where(call => call.To != "broker" && call.Start > from && call.Start < to).Select(call => call.Answer))));
            rig.Experiment.Metrics.Enqueue(("first 202 after there was room again", string.Create(CultureInfo.InvariantCulture, $"{back:0.0} s")));
            if (back > MaxRecoverySeconds)
            {
                rig.Experiment.Violations.Add(Invariants.RecoveryTime, $"there was room again at {to:0.0}, and the first 202 came {back:0.0} s later");
            }
        }

        rig.Experiment.Metrics.Enqueue(("store started again while its disk was full", $"{rig.FaultInjector.StoreRestarts} times"));
    }
}
