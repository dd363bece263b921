using Runs.Bench.Bench.Measurements;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Figures;

/// <summary>A bound, and what was measured.</summary>
/// <param name="What">What is meant.</param>
/// <param name="Measured">The figure; not a number when it was not measured.</param>
/// <param name="Bound">What it is held against.</param>
/// <param name="IsLeast">Whether the bound is the least and not the most.</param>
internal sealed record Goal(string What, double Measured, double Bound, bool IsLeast)
{
    public string Verdict => double.IsNaN(Measured) ? "not measured" : (IsLeast ? Measured >= Bound : Measured <= Bound) ? "ok" : "missed";
}

/// <summary>What Runs wants to be held against.</summary>
internal static class Goals
{
    public static List<Goal> Of(Results results)
    {
        var cost = results.Costs.Find(cost => cost is { Subject: Subject.Ours, Callers: 1 });
        var overload = results.Overload;
        return
        [
            AtLeast("creates/s with 64 callers, of the floor", results.Ratio(Subject.Ours, Subject.Floor, 64, Rate), 1),
            AtLeast("creates/s with 256 callers, of the floor", results.Ratio(Subject.Ours, Subject.Floor, 256, Rate), 1),
            AtLeast("creates/s with 64 callers, of the textbook", results.Ratio(Subject.Ours, Subject.Textbook, 64, Rate), 3),
            AtLeast("creates/s with 256 callers, of the textbook", results.Ratio(Subject.Ours, Subject.Textbook, 256, Rate), 3),
            AtMost("p50 of one caller, of the floor", results.Ratio(Subject.Ours, Subject.Floor, 1, sample => sample.Load.Percentile(0.5)), 1.5),
            AtMost("p99 with 64 callers, of the floor", results.Ratio(Subject.Ours, Subject.Floor, 64, sample => sample.Load.Percentile(0.99)), 1.5),
            AtMost("store writes that a create waits for", cost?.AwaitedWrites ?? double.NaN, 1.005),
            AtMost("broker messages of a create, its event included", cost?.Published ?? double.NaN, 3.005),
            AtLeast("GET /runs/{id}/s with 64 callers, of Kestrel and one find", Looks(Operations.Look) / Looks(Operations.BareLook), 0.8),
            AtMost("p50 of a list's first page in the largest store, of the smallest", results.Lists is [{ Page: var few }, .., { Page: var many }] ? many.Percentile(0.5) / few.Percentile(0.5) : double.NaN, 1.5),
            AtMost("peak memory with 256 callers, MB", results.Of(Subject.Ours, 256) is { Count: > 0 } samples ? samples.Max(sample => sample.PeakMemory / 1e6) : double.NaN, 250),
            AtMost("p99 of what is accepted under overload, of normal", overload is null ? double.NaN : overload.Over.Percentile(0.99) / overload.Normal.Percentile(0.99), 2),
            AtLeast("refusals that say when to ask again, share", overload is { Over.Refused: > 0 } ? (double)overload.Over.RefusedWithRetryAfter / overload.Over.Refused : double.NaN, 1),
            AtLeast("runs found in the store, of those answered 202", results.Kept.TryGetValue(Subject.Ours, out var kept) ? (double)kept.Stored / kept.Answered : double.NaN, 1),
        ];

        double Looks(string what) => results.Operations.Find(operation => operation.What == what && operation.Callers == 64)?.PerSecond ?? double.NaN;

        static double Rate(Sample sample) => sample.Load.PerSecond;
    }

    private static Goal AtLeast(string what, double measured, double bound) => new(what, measured, bound, IsLeast: true);

    private static Goal AtMost(string what, double measured, double bound) => new(what, measured, bound, IsLeast: false);
}
