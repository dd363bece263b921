using System.Security.Cryptography;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace Runs.Client.Http;

/// <summary>
/// The pipeline of long polls: each attempt may take the time that the server holds the response plus 15 seconds.
/// Transient failures are retried until the caller cancels. There is no circuit breaker, which long polls would open.
/// </summary>
internal static class PollResilience
{
    public static readonly TimeSpan AttemptMargin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(15);

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline) => pipeline
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldRetryAfterHeader = false, // the delay generator reads it
            ShouldHandle = arguments => ValueTask.FromResult(HttpClientResiliencePredicates.IsTransient(arguments.Outcome)),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                arguments.Outcome.Result?.Headers.RetryAfter?.Delta ?? GetDelay(arguments.AttemptNumber)),
        })
        .AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = arguments =>
                ValueTask.FromResult(RequestOptions.Get(arguments.Context, RequestOptions.Wait) + AttemptMargin),
        });

    /// <summary>
    /// Returns the delay after failure number <paramref name="failure"/>, from 0: a random part ("full jitter") of half
    /// a second, which doubles up to 15 seconds.
    /// </summary>
    public static TimeSpan GetDelay(int failure)
    {
        var limit = Math.Min(MaxDelay.TotalMilliseconds, MinDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failure, 10)));
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)limit + 1));
    }
}
