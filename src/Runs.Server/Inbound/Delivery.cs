using System.Text;
using RabbitMQ.Client;

namespace Runs.Server.Inbound;

/// <summary>A message as the broker delivered it, not yet validated.</summary>
/// <param name="Exchange">
/// The exchange that the message was published to. The broker sets it, not the publisher.
/// </param>
/// <param name="Properties">
/// The publisher's properties and headers. Only <c>user_id</c> is validated by the broker.
/// </param>
/// <param name="Body">The publisher's bytes.</param>
internal sealed record Delivery(string Exchange, IReadOnlyBasicProperties Properties, byte[] Body)
{
    private const string EnvelopeContentType = "application/vnd.masstransit+json";

    /// <summary>
    /// Whether the publisher declares the body as a MassTransit envelope. Any other body is read as raw JSON.
    /// </summary>
    public bool IsEnvelope =>
        Properties.ContentType is { } type && type.Split(';')[0].Trim().Equals(EnvelopeContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the body is declared as a batch of commands, of any version.</summary>
    public bool IsBatch =>
        Properties.ContentType is { } type
        && type.Split(';')[0].Trim().Equals(BatchFormat.Commands.MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The text of a header; null if the header is missing or is not text.</summary>
    public string? GetHeader(string header)
    {
        object? value = null;
        Properties.Headers?.TryGetValue(header, out value);
        return value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            string text => text,
            _ => null,
        };
    }

    /// <summary>The id in a header or property; null if it is not a UUID.</summary>
    public Guid? GetId(string header, string? property = null) => ParseId(GetHeader(header) ?? property);

    /// <summary>The id of a message or request; null if the text is not a UUID.</summary>
    public static Guid? ParseId(string? text) => Guid.TryParse(text, out var id) ? id : null;
}
