namespace Runs.Store;

/// <summary>
/// The store did not answer or rejected the call. The failure is transient. A write that failed this way may or may not
/// have happened.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>True when this call is known to have written nothing.</summary>
    public bool NothingWritten { get; init; }

    /// <summary>True when the write was rejected because too many events wait to be archived.</summary>
    public bool IsArchiveFull { get; init; }

    /// <summary>True when only the tenant has reached its share of what may wait; others can append.</summary>
    public bool IsTenantShareUsed { get; init; }
}
