using System.ComponentModel.DataAnnotations;

namespace Runs.Server.Inbound;

/// <summary>Settings for publishers on the broker, section <c>Broker</c>.</summary>
internal sealed class PublisherOptions : IValidatableObject
{
    public const string Section = "Broker";

    private static readonly string[] ServiceQueuePrefixes = ["runs-", "runs."];

    /// <summary>
    /// The queues that replies may be sent to, in addition to those that the broker or MassTransit named: a name, or a
    /// prefix that ends in <c>*</c>.
    /// </summary>
    public string[] ReplyQueues { get; init; } = [];

    /// <summary>
    /// The tenants of each publisher, by its broker user. If empty, every publisher may send commands for every tenant.
    /// Otherwise each publisher must be listed here and must send its name as the property <c>user_id</c>, which the
    /// broker validates. Set it to the same value for all processes.
    /// </summary>
    public Dictionary<string, Publisher> Publishers { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var name in ReplyQueues.Where(name => string.IsNullOrWhiteSpace(name) || IncludesServiceQueues(name)))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(ReplyQueues)}: '{name}' is empty or includes queues of the service itself.");
        }

        foreach (var (user, _) in Publishers.Where(publisher => publisher.Value.Tenants.Length == 0))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Publishers)}:{user}:{nameof(Publisher.Tenants)} names no tenant; '*' means all.");
        }
    }

    private static bool IncludesServiceQueues(string pattern) => ServiceQueuePrefixes.Any(prefix =>
        pattern.StartsWith(prefix, StringComparison.Ordinal)
        || (pattern.EndsWith('*') && prefix.StartsWith(pattern[..^1], StringComparison.Ordinal)));
}
