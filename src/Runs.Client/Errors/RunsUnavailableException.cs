namespace Runs.Client;

/// <summary>The server did not carry out the call, after all retries.</summary>
public sealed class RunsUnavailableException(string detail, Exception? innerException = null) : RunsException(detail, innerException)
{
    /// <summary>
    /// Whether the call may have had its effect although no response said so. A repeat of the same call is safe where
    /// the call identifies what it repeats; a create does, by its id.
    /// </summary>
    public bool IsOutcomeUnknown { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
