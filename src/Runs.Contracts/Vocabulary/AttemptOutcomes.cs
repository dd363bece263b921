namespace Runs.Contracts;

/// <summary>How an attempt ended: the values of <c>outcome</c>.</summary>
public static class AttemptOutcomes
{
    /// <summary>The attempt failed: its worker reported it, or its time ran out.</summary>
    public const string Failed = "failed";

    /// <summary>The lease ended. Counts as a failure.</summary>
    public const string Lost = "lost";

    /// <summary>The worker released the run.</summary>
    public const string Released = "released";

    /// <summary>The run waits, and no worker holds it.</summary>
    public const string Suspended = "suspended";

    /// <summary>The attempt completed the run.</summary>
    public const string Completed = "completed";

    /// <summary>The run was cancelled during the attempt.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every outcome.</summary>
    public static IReadOnlyList<string> All { get; } = [Failed, Lost, Released, Suspended, Completed, Cancelled];
}
