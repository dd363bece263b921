using Runs.Client;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>A run that another one has created.</summary>
public sealed class ChildRun
{
    private readonly RunsClient _client;

    internal ChildRun(RunsClient client, CreatedRun created)
    {
        _client = client;
        RunId = created.Run.RunId;
        Duplicate = created.Duplicate;
    }

    /// <summary>The id of the child.</summary>
    public string RunId { get; }

    /// <summary>Whether an earlier attempt has created it.</summary>
    public bool Duplicate { get; }

    /// <summary>Waits until the child has ended. The waiting run keeps its lease and its slot.</summary>
    public Task<RunResource> End(CancellationToken cancellationToken) =>
        _client.WaitForEnd(RunId, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Cancels the child and its descendants.</summary>
    public Task<CancelResult> Cancel(CancellationToken cancellationToken) => _client.Cancel(RunId, cancellationToken);
}
