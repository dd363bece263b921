using System.Security.Cryptography;

namespace Runs.Lifecycle;

/// <summary>Shares of the work of one round between tenants.</summary>
internal static class TenantShares
{
    /// <summary>
    /// Selects at most <paramref name="count"/> items, one of each tenant in turn. Within a tenant, and among tenants,
    /// the order is random: processes that select from the same items at the same time select different ones.
    /// </summary>
    public static IReadOnlyList<T> Select<T>(IReadOnlyCollection<T> items, Func<T, string> getTenant, int count)
    {
        var shuffled = items.ToArray();
        RandomNumberGenerator.Shuffle<T>(shuffled);
        var taken = new Dictionary<string, int>();
        return
        [
            .. shuffled
                .Select(item => (Item: item, Turn: taken[getTenant(item)] = taken.GetValueOrDefault(getTenant(item)) + 1))
                .OrderBy(turn => turn.Turn)
                .Take(count)
                .Select(turn => turn.Item),
        ];
    }
}
