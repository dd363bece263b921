using System.Collections.Concurrent;
using Npgsql;

namespace Runs.DocumentDbGateway;

/// <summary>
/// The transactions of clients, one per session, each holding a connection. One that its client forgets is ended by
/// PostgreSQL (idle_in_transaction_session_timeout), as MongoDB ends one that lives too long.
/// </summary>
internal sealed class Transactions(Engine engine)
{
    private readonly ConcurrentDictionary<Guid, NpgsqlTransaction> _open = new();

    public async Task<NpgsqlTransaction> Start(Guid session)
    {
        await End(session, commit: false);
        return _open[session] = await engine.Begin();
    }

    /// <returns>The session's transaction, or null when it has none (any more).</returns>
    public NpgsqlTransaction? Of(Guid session) => _open.GetValueOrDefault(session);

    /// <returns>False when there was nothing to end.</returns>
    public async Task<bool> End(Guid session, bool commit)
    {
        if (!_open.TryRemove(session, out var transaction))
        {
            return false;
        }

        await using var connection = transaction.Connection;
        await using (transaction)
        {
            await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
        }

        return true;
    }
}
