using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>How an attempt ends. The default value completes the run without an output.</summary>
public readonly struct RunResult : IEquatable<RunResult>
{
    private RunResult(RunResultKind kind) => Kind = kind;

    internal RunResultKind Kind { get; }

    internal RawJson? Output { get; init; }

    internal string? Code { get; init; }

    internal string? Message { get; init; }

    internal bool IsRetryable { get; init; }

    internal TimeSpan? RetryAfter { get; init; }

    internal string? CallId { get; init; }

    internal string? ToolName { get; init; }

    internal TimeSpan? ExpiresIn { get; init; }

    internal InputForm? Form { get; init; }

    /// <summary>Whether two results are equal.</summary>
    public static bool operator ==(RunResult left, RunResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    public static bool operator !=(RunResult left, RunResult right) => !left.Equals(right);

    /// <summary>The run has completed.</summary>
    /// <param name="output">A value that becomes JSON with camelCase members, or null for none.</param>
    public static RunResult Completed(object? output = null) => new(RunResultKind.Completed)
    {
        Output = output is null ? null : ApiJson.ToRawJson(output),
    };

    /// <summary>The attempt has failed.</summary>
    /// <param name="code">The code, for programs. At most 255 characters.</param>
    /// <param name="message">The message, for people.</param>
    /// <param name="retryable">Whether another attempt may follow, within the run's <c>backoff_limit</c>.</param>
    /// <param name="retryAfter">
    /// The delay before the next attempt, up to a day; it grows with every failure when null.
    /// </param>
    public static RunResult Failed(string code, string message, bool retryable = true, TimeSpan? retryAfter = null) =>
        new(RunResultKind.Failed) { Code = code, Message = message, IsRetryable = retryable, RetryAfter = retryAfter };

    /// <summary>The handler ends the run as cancelled.</summary>
    public static RunResult Cancelled() => new(RunResultKind.Cancelled);

    /// <summary>Gives the run back. It is ready for another attempt at once, and no failure is counted.</summary>
    public static RunResult Release() => new(RunResultKind.Released);

    /// <summary>
    /// Gives the run back because this worker cannot execute it. It is ready for another attempt after 10 seconds, and
    /// no failure is counted.
    /// </summary>
    public static RunResult Reject() => new(RunResultKind.Rejected);

    /// <summary>
    /// Suspends the run until the client supplies the result of a tool call. The next attempt gets it from
    /// <see cref="RunContext.Answer"/>, and may begin days later in another process.
    /// </summary>
    /// <param name="callId">The tool call, unique in the run. 1-128 characters.</param>
    /// <param name="name">The tool's name. 1-255 characters.</param>
    /// <param name="expiresIn">The time after which the run fails; it never does when null.</param>
    public static RunResult WaitTool(string callId, string name, TimeSpan? expiresIn = null) =>
        new(RunResultKind.WaitTool) { CallId = callId, ToolName = name, ExpiresIn = expiresIn };

    /// <summary>Suspends the run until a form is submitted. The next attempt gets its values as an answer.</summary>
    /// <param name="callId">The tool call, unique in the run. 1-128 characters.</param>
    /// <param name="form">The form; <see cref="Client.Form"/> has common ones.</param>
    /// <param name="expiresIn">The time after which the run fails; it never does when null.</param>
    public static RunResult AskInput(string callId, InputForm form, TimeSpan? expiresIn = null) =>
        new(RunResultKind.AskInput) { CallId = callId, Form = form, ExpiresIn = expiresIn };

    /// <summary>Suspends the run until an external event arrives. The next attempt gets it as an answer.</summary>
    /// <param name="callId">The id of the wait, unique in the run. 1-128 characters.</param>
    /// <param name="expiresIn">The time after which the run fails; it never does when null.</param>
    public static RunResult WaitEvent(string callId, TimeSpan? expiresIn = null) =>
        new(RunResultKind.WaitEvent) { CallId = callId, ExpiresIn = expiresIn };

    /// <summary>Suspends the run until a person approves. The next attempt gets the decision as an answer.</summary>
    /// <param name="callId">The id of the wait, unique in the run. 1-128 characters.</param>
    /// <param name="expiresIn">The time after which the run fails; it never does when null.</param>
    public static RunResult WaitApproval(string callId, TimeSpan? expiresIn = null) =>
        new(RunResultKind.WaitApproval) { CallId = callId, ExpiresIn = expiresIn };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RunResult other && Equals(other);

    /// <inheritdoc/>
    public bool Equals(RunResult other) => GetMembers().Equals(other.GetMembers());

    /// <inheritdoc/>
    public override int GetHashCode() => GetMembers().GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Code is null ? Kind.ToString() : $"{Kind} {Code}";

    private (RunResultKind Kind, RawJson? Output, string? Code, string? Message, bool IsRetryable, TimeSpan? RetryAfter, string? CallId,
        (string? ToolName, TimeSpan? ExpiresIn, InputForm? Form) Wait) GetMembers() =>
        (Kind, Output, Code, Message, IsRetryable, RetryAfter, CallId, (ToolName, ExpiresIn, Form));
}
