using System.Globalization;
using System.Net;

namespace Runs.Server.Messaging;

/// <summary>
/// A RabbitMQ connection string: <c>amqp[s]://user:password@host[:port][,host[:port]…]/vhost</c>. Several hosts are
/// the nodes of one cluster.
/// </summary>
internal sealed record RabbitMqConnectionString(
    bool UsesTls, IReadOnlyList<RabbitMqNode> Nodes, string UserName, string Password, string VirtualHost)
{
    /// <summary>The setting with the connection string.</summary>
    public const string SettingName = "ConnectionStrings:RabbitMq";

    /// <summary>Whether the traffic stays on this machine.</summary>
    public bool IsLoopback => Nodes.All(node =>
        node.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(node.Host, out var address) && IPAddress.IsLoopback(address)));

    /// <summary>
    /// Parses a connection string. Exception messages never quote it, because it contains a password.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The connection string is not valid. The message names the setting and the cause.
    /// </exception>
    public static RabbitMqConnectionString Parse(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var (usesTls, rest) = connectionString switch
        {
            _ when Without("amqps://") is { } text => (true, text),
            _ when Without("amqp://") is { } text => (false, text),
            _ => throw CreateException("must begin with amqp:// or amqps://"),
        };
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (authority, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        if (path.Contains('@', StringComparison.Ordinal))
        {
            throw CreateException("has a user name or password with a slash: write it as %2F");
        }

        if (rest.Contains('?', StringComparison.Ordinal) || rest.Contains('#', StringComparison.Ordinal))
        {
            throw CreateException("takes no options after '?' or '#'; inside a user name or password write them as %3F and %23");
        }

        if (path.TrimEnd('/').Contains('/', StringComparison.Ordinal))
        {
            throw CreateException("has more than one virtual host: write a slash inside its name as %2F");
        }

        var at = authority.LastIndexOf('@');
        var credentials = at < 0 ? "guest:guest" : authority[..at];
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1)
        {
            throw CreateException("must have user:password before the @");
        }

        return new RabbitMqConnectionString(
            usesTls,
            [.. authority[(at + 1)..].Split(',').Select((host, i) => ParseNode(host, i + 1, usesTls))],
            Uri.UnescapeDataString(credentials[..colon]),
            Uri.UnescapeDataString(credentials[(colon + 1)..]),
            path.TrimEnd('/') is { Length: > 0 } virtualHost ? Uri.UnescapeDataString(virtualHost) : "/");

        string? Without(string scheme) =>
            connectionString.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? connectionString[scheme.Length..] : null;
    }

    private static RabbitMqNode ParseNode(string text, int number, bool usesTls)
    {
        // An IPv6 address is enclosed in brackets.
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var (host, port) = end <= 0 ? (text, "") : (text[..end], text[end..]);
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw CreateException($"has a host that is neither a name nor an address (number {number} of the list)");
        }

        return port switch
        {
            "" => new RabbitMqNode(host.Trim('[', ']'), usesTls ? 5671 : 5672),
            [':', .. var digits]
                when ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 =>
                new RabbitMqNode(host.Trim('[', ']'), value),
            _ => throw CreateException($"has a port that is not a number from 1 to 65535 (host {number} of the list)"),
        };
    }

    private static InvalidOperationException CreateException(string cause) =>
        new($"{SettingName} {cause}. Its form is amqps://user:password@host:port,host:port/vhost.");
}
