using System.Text.RegularExpressions;
using MassTransit.RabbitMqTransport;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// Decides where replies may go. A reply address comes from outside: it may name any queue, also one that its sender must not write to. Only queues that the broker or
/// MassTransit named for one connection are accepted, and those that the settings list. The rest of an address (host, query) is ignored.
/// </summary>
internal sealed partial class ReplyQueues(IReadOnlyList<string> allowed)
{
    /// <summary>The queue that <paramref name="address"/> names.</summary>
    /// <param name="address">A MassTransit address; null or empty when the sender wants no reply.</param>
    /// <param name="replyTo">The property <c>reply_to</c>, which MassTransit's address of the broker's direct reply-to stands for.</param>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public string? QueueOf(string? address, string? replyTo)
    {
        if (string.IsNullOrWhiteSpace(address))
        {
            return null;
        }

        var name = NameIn(address);
        if (name == RabbitMqExchangeNames.ReplyTo && !string.IsNullOrWhiteSpace(replyTo))
        {
            name = replyTo;
        }

        return name is not null && IsAllowed(name) ? name : throw new InvalidMessageException("The response or fault address is not one that replies may be sent to.");
    }

    /// <summary>The queue that the property <c>reply_to</c> names.</summary>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public string? QueueOf(string? replyTo) =>
        string.IsNullOrWhiteSpace(replyTo) ? null
        : IsAllowed(replyTo) ? replyTo
        : throw new InvalidMessageException("reply_to names a queue that replies may not be sent to.");

    private bool IsAllowed(string queue) => Temporary().IsMatch(queue) || allowed.Any(pattern => Matches(pattern, queue));

    private static bool Matches(string pattern, string queue) =>
        pattern.EndsWith('*') ? queue.StartsWith(pattern[..^1], StringComparison.Ordinal) : queue == pattern;

    // queue:name, exchange:name, or rabbitmq://host/virtual-host/name, each with options that are not looked at.
    private static string? NameIn(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            return null;
        }

        return uri.Scheme switch
        {
            "queue" or "exchange" => Uri.UnescapeDataString(uri.AbsolutePath),
            "rabbitmq" or "rabbitmqs" or "amqp" or "amqps" => Uri.UnescapeDataString(uri.Segments[^1]),
            _ => null,
        };
    }

    // Named by the broker for one connection, by MassTransit for one process (machine_process_bus_id), and by the service for each of its own.
    [GeneratedRegex(
        @"\A(amq\.gen-[A-Za-z0-9_-]+|amq\.rabbitmq\.reply-to\.[A-Za-z0-9_.+/=@-]+|[A-Za-z0-9]*_[A-Za-z0-9]*_(bus|endpoint)_[a-z0-9]{26}|runs-bus-[a-f0-9]{32})\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Temporary();
}
