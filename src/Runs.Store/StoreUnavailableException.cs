namespace Runs.Store;

/// <summary>The store did not answer, or did not take the call. Passes by itself; a write that ended so may or may not have happened.</summary>
public sealed class StoreUnavailableException(string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>True when it is known that this call has written nothing.</summary>
    public bool NothingWritten { get; init; }

    /// <summary>True when the write was rejected because too many events wait for the archive.</summary>
    public bool IsArchiveFull { get; init; }
}
