using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R18: the disk of the store is full, and later has space again. Callers get errors in time, and are served again soon
/// after.
/// </summary>
internal static class FullDiskScenario
{
    private const double MaxRecoverySeconds = 10;

    public static async Task Execute(ScenarioContext context)
    {
        var (count, interval, faultDuration) = context.FullOrShort((5, 35, 15), (1, 0, 8));
        await context.RunUnderFaults(
            context.FullOrShort(5_000, 400),
            TimeSpan.FromSeconds(context.FullOrShort(180, 25)),
            _ => Fault.CreateRepeatedSchedule(
                count,
                TimeSpan.FromSeconds(5),
                TimeSpan.FromSeconds(interval),
                TimeSpan.FromSeconds(faultDuration),
                FaultKind.FullStore));
        foreach (var period in context.FaultInjector.Store.FullDiskPeriods)
        {
            CheckPeriod(context.Experiment, period);
        }

        context.Experiment.AddMetric(
            "store started again while its disk was full",
            $"{context.FaultInjector.Store.Restarts} times");
    }

    private static void CheckPeriod(Experiment experiment, TimePeriod period)
    {
        var calls = experiment.History.Calls.ToList();
        var answers = calls
            .Where(call => call.To != "broker" && call.Start > period.From && call.Start < period.To)
            .Select(call => call.Answer);
        var recovery = calls
            .Where(call => call.IsAcceptedCreate && call.Start > period.To)
            .Select(call => call.End - period.To)
            .DefaultIfEmpty(double.MaxValue)
            .Min();
        experiment.AddMetric(
            $"calls over HTTP in the {MetricFormat.Seconds(period.Length)} of a full disk",
            MetricFormat.CountByValue(answers));
        experiment.AddMetric("first 202 after there was space again", MetricFormat.Seconds(recovery));
        if (recovery > MaxRecoverySeconds)
        {
            experiment.Violations.Add(
                Invariants.RecoveryTime,
                $"there was space again at {period.To:0.0}, and the first 202 came {recovery:0.0} s later");
        }
    }
}
