using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Runs.Client.Http;

/// <summary>
/// The pipeline of calls that are answered at once: 10 seconds for each attempt, 60 in all, 6 retries that respect
/// <c>Retry-After</c>. A POST is retried, too: its body identifies what it repeats.
/// </summary>
internal static class CallResilience
{
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(60);

    public static void Configure(HttpStandardResilienceOptions options)
    {
        options.AttemptTimeout.Timeout = AttemptTimeout;
        options.TotalRequestTimeout.Timeout = TotalTimeout;
        options.Retry.MaxRetryAttempts = 6;
        options.Retry.Delay = TimeSpan.FromMilliseconds(500);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(15);
        options.Retry.BackoffType = DelayBackoffType.Exponential;
        options.Retry.UseJitter = true;
        options.Retry.ShouldRetryAfterHeader = true;
        options.Retry.ShouldHandle = arguments => ValueTask.FromResult(
            RequestOptions.Get(arguments.Context, RequestOptions.IsNotIdempotent)
                ? arguments.Outcome.Result?.StatusCode == HttpStatusCode.TooManyRequests
                : HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
        // The server's overload is answered with Retry-After, which the retries respect: it does not open the circuit.
        options.CircuitBreaker.ShouldHandle = arguments => ValueTask.FromResult(
            arguments.Outcome.Result?.StatusCode != HttpStatusCode.TooManyRequests
            && HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
    }
}
