using System.Text.Json;

namespace Runs.Client.Http;

/// <summary>The body of an error response (RFC 9457), as far as the client uses it.</summary>
internal sealed record Problem
{
    private const int MaxDetailLength = 1000;

    public string? Detail { get; init; }

    public string? Code { get; init; }

    public string? RunId { get; init; }

    /// <summary>Reads a body. A proxy's page, or any other body that is no problem, results in an empty one.</summary>
    public static async Task<Problem> Read(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return new Problem();
        }

        try
        {
            var body = await content.ReadAsByteArrayAsync(cancellationToken);
            var problem = JsonSerializer.Deserialize<Problem>(body, ApiJson.Api) ?? new Problem();
            return problem.Detail is { Length: > MaxDetailLength } detail ? problem with { Detail = detail[..MaxDetailLength] } : problem;
        }
        catch (JsonException)
        {
            return new Problem();
        }
    }
}
