namespace Runs.Store;

/// <summary>
/// What an append must know about its run: its state and the end of its log, as of one version. Immutable. The write of
/// an append verifies the version, so that a head may be kept and used for the next append without reading the run.
/// </summary>
public sealed class RunHead
{
    private readonly Run _run;

    private RunHead(Run run, int embeddedEventCount, long embeddedCharacterCount) =>
        (_run, EmbeddedEventCount, EmbeddedCharacterCount) = (run, embeddedEventCount, embeddedCharacterCount);

    /// <summary>
    /// The run without what can be large: payload, events, messages, input requests, and the lists that recognize
    /// duplicates. Of its attempts, it has the last one. Do not change it.
    /// </summary>
    public Run Run => _run;

    /// <summary>
    /// An upper bound of the events in the run's document: the head does not learn when they are archived.
    /// </summary>
    public int EmbeddedEventCount { get; }

    /// <summary>An upper bound of the size of these events.</summary>
    public long EmbeddedCharacterCount { get; }

    /// <summary>Returns the head of a run as it was read.</summary>
    public static RunHead From(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunHead(run.WithoutLargeMembers(), run.EmbeddedEvents.Count, RunSize.CountCharacters(run.EmbeddedEvents));
    }

    /// <summary>Returns the head after an append of <paramref name="events"/>, at least one.</summary>
    public RunHead Append(IReadOnlyList<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return new RunHead(
            _run.WithLogEnd(events), EmbeddedEventCount + events.Count, EmbeddedCharacterCount + RunSize.CountCharacters(events));
    }

    /// <summary>Returns the same head after the events of the run's document were archived.</summary>
    internal RunHead WithoutEmbeddedEvents() => new(_run, 0, 0);
}
