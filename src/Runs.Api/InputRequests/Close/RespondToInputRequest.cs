using Runs.Contracts;

namespace Runs.Api.InputRequests;

/// <summary>The response to an input request. Unknown members are ignored.</summary>
public sealed record RespondToInputRequest : RequestSchema
{
    /// <summary>
    /// The values by field. The service does not validate them against the form. At most 64 KiB without white space,
    /// and 1 MiB with it.
    /// </summary>
    [JsonObject(HasOnlyScalars = true)]
    public required RawJson Values { get; init; }
}
