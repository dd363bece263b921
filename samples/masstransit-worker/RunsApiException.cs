using System.Net;

namespace Runs.Samples.MassTransitWorker;

/// <summary>The API rejected a request. Decide by <see cref="Code"/>: the text may change.</summary>
internal sealed class RunsApiException(HttpStatusCode status, string? code, string? detail) : Exception(detail)
{
    /// <summary>The run has ended: nothing more can be appended.</summary>
    public const string RunNotActive = "RUN_NOT_ACTIVE";

    /// <summary>The run waits, as for the result of a tool: nothing can be appended until it is resumed.</summary>
    public const string RunWaiting = "RUN_WAITING";

    /// <summary>Another worker has appended: read the end of the log again.</summary>
    public const string EventCursorMismatch = "EVENT_CURSOR_MISMATCH";

    public HttpStatusCode Status { get; } = status;

    /// <summary>The member <c>code</c> of the problem details.</summary>
    public string? Code { get; } = code;
}
