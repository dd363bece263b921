using Polly;

namespace Runs.Client.Http;

/// <summary>What the pipelines know of a request.</summary>
internal static class RequestOptions
{
    /// <summary>The time that the server may hold the response.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Wait = new("runs.wait");

    /// <summary>Set when a repeat could have a further effect.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsNotIdempotent = new("runs.not-idempotent");

    /// <summary>Set when the caller reads the response as a stream.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsStream = new("runs.stream");

    public static T? Get<T>(ResilienceContext context, HttpRequestOptionsKey<T> key) =>
        context.GetRequestMessage() is { } request && request.Options.TryGetValue(key, out var value) ? value : default;
}
