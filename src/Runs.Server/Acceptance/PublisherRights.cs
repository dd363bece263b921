using System.Collections.Frozen;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// Decides for which tenants a publisher may send commands. The broker validates the property <c>user_id</c> of a message. The service's own user may send commands for
/// every tenant.
/// </summary>
internal sealed class PublisherRights(IReadOnlyDictionary<string, Publisher> publishers, string ownUser, string ownExchange)
{
    private const string AllTenants = "*";

    private readonly FrozenDictionary<string, FrozenSet<string>> _tenants =
        publishers.ToFrozenDictionary(publisher => publisher.Key, publisher => publisher.Value.Tenants.ToFrozenSet());

    /// <summary>What the service sends as its own <c>user_id</c>; null where publishers are not told apart.</summary>
    public string? OwnUser => _tenants.Count == 0 ? null : ownUser;

    /// <summary>
    /// Whether a message is a request of the service's own API: it came through the exchange of those, and, where `Broker:Publishers` is set, the
    /// service's user sent it.
    /// </summary>
    public bool IsOwn(string exchange, string? user) => exchange == ownExchange && (OwnUser is null || user == OwnUser);

    /// <summary>Checks that <paramref name="user"/> may send a command for <paramref name="tenant"/>.</summary>
    /// <exception cref="InvalidMessageException">It may not.</exception>
    public void Check(string? user, string tenant)
    {
        if (_tenants.Count == 0 || user == ownUser)
        {
            return;
        }

        if (string.IsNullOrEmpty(user))
        {
            throw new InvalidMessageException("The message has no user_id; publishers have to send theirs.");
        }

        if (!_tenants.TryGetValue(user, out var tenants) || !(tenants.Contains(tenant) || tenants.Contains(AllTenants)))
        {
            throw new InvalidMessageException("The publisher may not send commands for this tenant.");
        }
    }
}
