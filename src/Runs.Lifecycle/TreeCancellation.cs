using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Cancels everything below a cancelled run.</summary>
internal sealed class TreeCancellation(IRunStore store, IBus bus)
{
    private const int PageSize = 100;

    /// <summary>
    /// Asks every descendant that has not ended to cancel, and returns when each has answered. Descendants of ended runs are reached too. Safe to
    /// repeat. One read per hundred runs of the tree, one command per run that is cancelled.
    /// </summary>
    public async Task Cancel(CancelDescendants duty, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<CancelRun>(RequestTimeout.None);
        var parents = new Queue<string>([duty.RunId]);
        while (parents.TryDequeue(out var parent))
        {
            await foreach (var child in Children(duty.Tenant, parent, cancellationToken))
            {
                if (!RunStatuses.IsTerminal(child.Status))
                {
                    await client.GetResponse<RunSnapshot, RunRefused>(
                        new CancelRun { Tenant = child.Tenant, RunId = child.RunId }, cancellationToken);
                }

                parents.Enqueue(child.RunId);
            }
        }
    }

    private async IAsyncEnumerable<Run> Children(
        string tenant, string parent, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunCursor? after = null;
        do
        {
            var page = await store.List(new RunQuery { Tenant = tenant, ParentRunId = parent }, after, PageSize, cancellationToken);
            foreach (var child in page.Runs)
            {
                yield return child;
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
