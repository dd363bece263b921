using System.Diagnostics;

namespace Runs.Worker;

/// <summary>
/// The span of an attempt. It is a new root, because days may lie between the create and the attempts; it links to the
/// create, and to the attempt that saved the checkpoint.
/// </summary>
internal static class AttemptActivity
{
    public const string SourceName = "Runs.Worker";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the span, and makes it the current one; null when nothing listens.</summary>
    public static Activity? Start(ClaimedRun run)
    {
        Activity.Current = null;
        var links = new[] { run.TraceParent, run.RequestSnapshot?.TraceContext?.ToTraceParent(), run.WorkerSession?.SessionKey }
            .Select(text => ActivityContext.TryParse(text, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default)
            .Distinct()
            .Select(context => new ActivityLink(context));
        var tags = new ActivityTagsCollection
        {
            ["run.id"] = run.RunId,
            ["run.attempt"] = run.Attempt,
            ["run.target"] = run.Target,
        };
        return Source.StartActivity("run.attempt", ActivityKind.Consumer, default(ActivityContext), tags, links);
    }

    /// <summary>Sets the outcome of the attempt.</summary>
    public static void SetOutcome(Activity? activity, string outcome)
    {
        activity?.SetTag("run.outcome", outcome);
        if (outcome is AttemptOutcomeNames.Failed or AttemptOutcomeNames.Lost)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
    }
}
