using System.ComponentModel.DataAnnotations;

namespace Runs.Server.Acceptance;

/// <summary>What publishers on the broker may do, section <c>Broker</c>.</summary>
internal sealed class PublisherOptions : IValidatableObject
{
    public const string Section = "Broker";

    /// <summary>
    /// Queues that replies may go to, beside those that the broker or MassTransit named: a name, or a prefix that ends in <c>*</c>.
    /// </summary>
    public string[] ReplyQueues { get; init; } = [];

    /// <summary>
    /// The tenants of each publisher, by its broker user. With none, every publisher may send commands for every tenant. With any, each publisher has to be named here
    /// and to send its name as the property <c>user_id</c>, which the broker validates.
    /// </summary>
    public Dictionary<string, Publisher> Publishers { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var name in ReplyQueues.Where(name => string.IsNullOrWhiteSpace(name) || IncludesOwn(name, "runs-") || IncludesOwn(name, "runs.")))
        {
            yield return new ValidationResult($"{Section}:{nameof(ReplyQueues)}: '{name}' is empty or includes queues of the service itself.");
        }

        foreach (var (user, _) in Publishers.Where(publisher => publisher.Value.Tenants.Length == 0))
        {
            yield return new ValidationResult($"{Section}:{nameof(Publishers)}:{user}:{nameof(Publisher.Tenants)} names no tenant; '*' stands for all.");
        }
    }

    // The service's own queues all begin with one of two prefixes.
    private static bool IncludesOwn(string pattern, string own) =>
        pattern.StartsWith(own, StringComparison.Ordinal)
        || (pattern.EndsWith('*') && own.StartsWith(pattern[..^1], StringComparison.Ordinal));
}

/// <summary>One publisher.</summary>
internal sealed class Publisher
{
    /// <summary>Whose runs it may create and change; <c>*</c> stands for all.</summary>
    public string[] Tenants { get; init; } = [];
}
