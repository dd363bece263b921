using System.ComponentModel.DataAnnotations;

namespace Runs.Server.Acceptance;

/// <summary>Settings for publishers on the broker, section <c>Broker</c>.</summary>
internal sealed class PublisherOptions : IValidatableObject
{
    public const string Section = "Broker";

    /// <summary>
    /// The queues that replies may be sent to, in addition to those that the broker or MassTransit named: a name, or a
    /// prefix that ends in <c>*</c>.
    /// </summary>
    public string[] ReplyQueues { get; init; } = [];

    /// <summary>
    /// The tenants of each publisher, by its broker user. If empty, every publisher may send commands for every tenant.
    /// Otherwise each publisher must be listed here and must send its name as the property <c>user_id</c>, which the
    /// broker validates.
    /// </summary>
    public Dictionary<string, Publisher> Publishers { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var name in ReplyQueues.Where(name => string.IsNullOrWhiteSpace(name) || IncludesServiceQueues(name, "runs-") || IncludesServiceQueues(name, "runs.")))
        {
            yield return new ValidationResult($"{Section}:{nameof(ReplyQueues)}: '{name}' is empty or includes queues of the service itself.");
        }

        foreach (var (user, _) in Publishers.Where(publisher => publisher.Value.Tenants.Length == 0))
        {
            yield return new ValidationResult($"{Section}:{nameof(Publishers)}:{user}:{nameof(Publisher.Tenants)} names no tenant; '*' stands for all.");
        }
    }

    // The names of the service's own queues begin with one of two prefixes.
    private static bool IncludesServiceQueues(string pattern, string prefix) =>
        pattern.StartsWith(prefix, StringComparison.Ordinal)
        || (pattern.EndsWith('*') && prefix.StartsWith(pattern[..^1], StringComparison.Ordinal));
}

/// <summary>The permissions of one publisher.</summary>
internal sealed class Publisher
{
    /// <summary>The tenants whose runs it may create and change; <c>*</c> means all.</summary>
    public string[] Tenants { get; init; } = [];
}
