namespace Runs.Worker;

/// <summary>A handler throws it to fail its attempt with a code that it chooses.</summary>
/// <param name="code">The code, for programs. At most 255 characters.</param>
/// <param name="message">The message, for people.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class RunFailedException(string code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The code, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>Whether another attempt may follow, within the run's <c>backoff_limit</c>.</summary>
    public bool Retryable { get; init; } = true;

    /// <summary>The delay before the next attempt, up to a day; it grows with every failure when null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
