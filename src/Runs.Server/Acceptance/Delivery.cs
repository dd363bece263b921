using System.Text;
using RabbitMQ.Client;

namespace Runs.Server.Acceptance;

/// <summary>A message as the broker delivered it: nothing in it is checked yet.</summary>
/// <param name="Exchange">Where it was published. The broker says so, not the publisher.</param>
/// <param name="Properties">The publisher's properties and headers. Only <c>user_id</c> is validated by the broker.</param>
/// <param name="Body">The publisher's bytes.</param>
internal sealed record Delivery(string Exchange, IReadOnlyBasicProperties Properties, byte[] Body)
{
    private const string EnvelopeType = "application/vnd.masstransit+json";

    /// <summary>Whether the publisher says that the body is a MassTransit envelope. Everything else is read as raw JSON.</summary>
    public bool IsEnvelope =>
        Properties.ContentType is { } type && type.Split(';')[0].Trim().Equals(EnvelopeType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The text of a header; null where there is none, or one of another type.</summary>
    public string? Text(string header)
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

    /// <summary>The id in a header or property, where it is a UUID.</summary>
    public Guid? Id(string header, string? property = null) => Guid.TryParse(Text(header) ?? property, out var id) ? id : null;
}
