using System.Collections.Frozen;

namespace Runs.Server.Inbound;

/// <summary>
/// Decides for which tenants a publisher may send commands. The broker validates the property <c>user_id</c> of a
/// message. The service's own user may send commands for every tenant.
/// </summary>
internal sealed class PublisherPermissions(IReadOnlyDictionary<string, Publisher> publishers, string serviceUser, string apiExchange)
{
    private const string AllTenants = "*";

    private readonly FrozenDictionary<string, FrozenSet<string>> _tenants =
        publishers.ToFrozenDictionary(publisher => publisher.Key, publisher => publisher.Value.Tenants.ToFrozenSet());

    /// <summary>The <c>user_id</c> that the service sends; null if publishers are not distinguished.</summary>
    public string? ServiceUser => _tenants.Count == 0 ? null : serviceUser;

    /// <summary>
    /// Whether a message is a request of the service's own API: it arrived through the API's exchange and, if
    /// <c>Broker:Publishers</c> is set, from the service's user.
    /// </summary>
    public bool IsFromApi(string exchange, string? user) => exchange == apiExchange && (ServiceUser is null || user == ServiceUser);

    /// <summary>Checks that <paramref name="user"/> may send a command for <paramref name="tenant"/>.</summary>
    /// <exception cref="InvalidMessageException">The user may not send it.</exception>
    public void EnsureAllowed(string? user, string tenant)
    {
        if (_tenants.Count == 0 || user == serviceUser)
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
