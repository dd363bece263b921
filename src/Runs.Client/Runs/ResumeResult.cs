namespace Runs.Client;

/// <summary>The response to a resume.</summary>
public sealed record ResumeResult
{
    /// <summary>Always true: a rejection is a <see cref="RunConflictException"/>.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Whether the run already had this result.</summary>
    public bool Duplicate { get; init; }
}
