namespace Runs.Client;

/// <summary>Times at which a schedule creates a run.</summary>
public sealed record ScheduleFires
{
    /// <summary>The times, in order.</summary>
    public required IReadOnlyList<ScheduleFire> Fires { get; init; }

    /// <summary>What may surprise about them, such as a time that a change of the clocks moves.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
