using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// The size of a run and of its parts, in characters: counts the members that can be large. A character is two bytes in
/// memory, and between one and three in the database and on the network.
/// </summary>
public static class RunSize
{
    /// <summary>Counts everything of a stored run that can be large.</summary>
    public static long CountCharacters(Run run) =>
        CountPayloadCharacters(run)
        + (run.Error?.Detail?.Text.Length ?? 0)
        + CountOutboxCharacters(run)
        + CountCharacters(run.EmbeddedEvents)
        + run.InputRequests.Sum(CountCharacters)
        + run.ToolResults.Sum(result => Count(result.Result))
        + run.Attempts.Sum(attempt => attempt.Error?.Message.Length ?? 0);

    /// <summary>Counts what the HTTP API shows of a run: request, input, config and the outcome.</summary>
    public static long CountPayloadCharacters(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Count(run.Request) + Count(run.Input) + Count(run.Config) + Count(run.Output) + Count(run.Metadata)
            + Count(run.Artifacts) + (run.Logs?.Length ?? 0);
    }

    /// <inheritdoc cref="CountPayloadCharacters(Run)"/>
    public static long CountPayloadCharacters(RunResource run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Count(run.Input) + Count(run.Config) + Count(run.Output) + Count(run.Metadata) + Count(run.Artifacts)
            + (run.Logs?.Length ?? 0);
    }

    /// <summary>Counts the outbox of a run.</summary>
    public static long CountOutboxCharacters(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Outbox.Sum(message => (long)message.Body.Text.Length);
    }

    /// <summary>Counts events.</summary>
    public static long CountCharacters(IEnumerable<RunEvent> events) => events.Sum(runEvent => (long)runEvent.Event.Text.Length);

    private static long CountCharacters(InputRequest request) =>
        request.Fields.Text.Length + Count(request.Metadata) + Count(request.Values);

    private static long Count(RawJson? json) => json?.Text?.Length ?? 0;
}
