using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>A form that a person, an agent or a system is requested to fill in while a run waits.</summary>
public sealed record InputForm
{
    /// <summary><see cref="ResponderTypes"/>: the kind of responder that is requested.</summary>
    [JsonPropertyName("requested_responder_type")]
    public required string RequestedResponderType { get; init; }

    /// <summary>The title of the form. 1-1000 characters.</summary>
    [JsonPropertyName("title")]
    public required string Title { get; init; }

    /// <summary>The description of the form. At most 20,000 characters.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>
    /// A JSON array of 1-100 values that describe the fields. At most 64 KiB without white space, and 1 MiB with it.
    /// </summary>
    [JsonPropertyName("fields")]
    public required RawJson Fields { get; init; }

    /// <summary>
    /// A JSON object for the client that shows the form. At most 64 KiB without white space, and 1 MiB with it.
    /// </summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }
}
