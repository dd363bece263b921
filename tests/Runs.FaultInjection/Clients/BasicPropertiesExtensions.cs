using System.Text;
using RabbitMQ.Client;

namespace Runs.FaultInjection.Clients;

internal static class BasicPropertiesExtensions
{
    /// <summary>The text of a header; null if there is none.</summary>
    public static string? ReadTextHeader(this IReadOnlyBasicProperties properties, string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out var value) && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : null;
}
