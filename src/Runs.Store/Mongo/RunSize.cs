namespace Runs.Store.Mongo;

/// <summary>The size of a run.</summary>
internal static class RunSize
{
    /// <summary>Returns the number of characters of those parts of the run that can be large.</summary>
    public static long CountCharacters(Run run) =>
        (run.Input?.Text.Length ?? 0)
        + (run.Config?.Text.Length ?? 0)
        + (run.Output?.Text.Length ?? 0)
        + (run.Metadata?.Text.Length ?? 0)
        + (run.Artifacts?.Text.Length ?? 0)
        + (run.Logs?.Length ?? 0)
        + (run.Error?.Detail?.Text.Length ?? 0)
        + run.Request.Text.Length
        + CountOutboxCharacters(run)
        + CountEventCharacters(run)
        + run.InputRequests.Sum(CountCharacters);

    /// <summary>Returns the number of characters of the run's outbox.</summary>
    public static long CountOutboxCharacters(Run run) => run.Outbox.Sum(message => (long)message.Body.Text.Length);

    /// <summary>Returns the number of characters of the run's embedded events.</summary>
    public static long CountEventCharacters(Run run) => run.EmbeddedEvents.Sum(runEvent => (long)runEvent.Event.Text.Length);

    private static long CountCharacters(InputRequest request) =>
        request.Fields.Text.Length + (request.Metadata?.Text.Length ?? 0L) + (request.Values?.Text.Length ?? 0);
}
