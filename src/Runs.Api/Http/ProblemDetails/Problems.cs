using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>
/// Every problem that the API responds with (RFC 9457). <c>detail</c> is never empty. Clients compare some texts
/// literally, so do not change them.
/// </summary>
internal static class Problems
{
    private const int MaxListedErrors = 50;
    private const string InvalidRequest = "INVALID_REQUEST";
    private const string BodyTooLargeCode = "BODY_TOO_LARGE";
    private const string BodyTimeoutCode = "BODY_TIMEOUT";
    private const string OutcomeUnknownCode = "OUTCOME_UNKNOWN";
    private const string InvalidTokenDetail = "Invalid authentication token";
    private const string OutcomeUnknownHint = "Its outcome is unknown. A retry for the same run is safe.";
    private const string RetryHint = "Nothing was done; retry in a second.";

    public static ProblemHttpResult ValidationFailed(IReadOnlyList<ValidationError> errors) => Create(
        StatusCodes.Status400BadRequest,
        InvalidRequest,
        errors.Count == 1 ? Format(errors[0]) : $"{Format(errors[0])} ({errors.Count} members are invalid; see errors.)",
        ("errors", errors.Take(MaxListedErrors).Select(error => new ValidationErrorResource(error.Pointer, error.Detail)).ToArray()));

    public static ProblemHttpResult MalformedJson(string detail) => Create(StatusCodes.Status400BadRequest, "INVALID_JSON", detail);

    public static ProblemHttpResult BodyTooLarge() => Create(
        StatusCodes.Status413PayloadTooLarge,
        BodyTooLargeCode,
        $"The body must not be larger than {ApiOptions.MaxBodyBytes / ByteSize.MiB} MiB.");

    public static ProblemHttpResult RunTooLarge() => Create(
        StatusCodes.Status413PayloadTooLarge,
        BodyTooLargeCode,
        "The run's request is too large for so many events in one append. Append fewer events at a time.");

    /// <summary>
    /// The command was not sent: JSON escapes control characters and characters beyond 16 bits, so a message can be
    /// larger than its body.
    /// </summary>
    public static ProblemHttpResult MessageTooLarge() => Create(
        StatusCodes.Status413PayloadTooLarge,
        BodyTooLargeCode,
        "The body has much text that JSON escapes, and its message would exceed the broker's size limit. Nothing was done.");

    public static ProblemHttpResult UnsupportedMediaType() =>
        Create(StatusCodes.Status415UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.");

    public static ProblemHttpResult UnsupportedContentEncoding() => Create(
        StatusCodes.Status415UnsupportedMediaType,
        "UNSUPPORTED_CONTENT_ENCODING",
        $"The body's Content-Encoding must be one of {RequestDecompressionExtensions.AcceptedEncodings}, or none.");

    /// <summary>The request could not be read. The server's exception determines the status.</summary>
    public static ProblemHttpResult FromBadRequest(BadHttpRequestException exception) => exception switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => BodyTooLarge(),
        { StatusCode: StatusCodes.Status408RequestTimeout } => BodyTooSlow(),
        InvalidContentEncodingException => Create(exception.StatusCode, "INVALID_CONTENT_ENCODING", exception.Message),
        _ => UnreadableBody(),
    };

    public static ProblemHttpResult UnreadableBody() => MalformedJson("The request could not be read.");

    public static ProblemHttpResult RunNotFound() => Create(StatusCodes.Status404NotFound, RejectionCodes.RunNotFound, "No such run.");

    public static ProblemHttpResult ProjectNotFound() => Create(StatusCodes.Status404NotFound, "PROJECT_NOT_FOUND", "No such project.");

    public static ProblemHttpResult ConversationNotFound() =>
        Create(StatusCodes.Status404NotFound, "CONVERSATION_NOT_FOUND", "No such conversation.");

    public static ProblemHttpResult InputRequestNotFound() =>
        Create(StatusCodes.Status404NotFound, "INPUT_REQUEST_NOT_FOUND", "No such input request.");

    public static ProblemHttpResult WorkerNotFound() =>
        Create(StatusCodes.Status404NotFound, "WORKER_NOT_FOUND", "No such worker.");

    public static ProblemHttpResult ScheduleNotFound() =>
        Create(StatusCodes.Status404NotFound, "SCHEDULE_NOT_FOUND", "No such schedule.");

    public static ProblemHttpResult ScheduleIsDeleting() => Create(
        StatusCodes.Status409Conflict, "SCHEDULE_DELETING", "The schedule is being deleted. Nothing was done.");

    public static ProblemHttpResult ScheduleLimitReached(int limit) => Create(
        StatusCodes.Status409Conflict,
        "SCHEDULE_LIMIT_REACHED",
        $"The tenant has {limit} schedules, which is the maximum. Delete those that are no longer needed. Nothing was created.");

    /// <summary>
    /// The id of a run by hand, which is derived from its key, belongs to a run that is not of the schedule.
    /// </summary>
    public static ProblemHttpResult ScheduleRunIdTaken() => Create(
        StatusCodes.Status409Conflict,
        RejectionCodes.RunIdTaken,
        "A run that is not of this schedule has the id of the run. Use another idempotency key. Nothing was created.");

    /// <summary>Other callers, or its fires, changed the schedule each time the change was tried.</summary>
    public static ProblemHttpResult ScheduleBusy() => Create(
        StatusCodes.Status503ServiceUnavailable, "SCHEDULE_BUSY", $"The schedule is changed by others at the same time. {RetryHint}");

    public static ProblemHttpResult EventCursorMismatch() =>
        Create(StatusCodes.Status400BadRequest, "EVENT_CURSOR_MISMATCH", "External run event cursor mismatch");

    public static ProblemHttpResult RunAlreadyFinished() =>
        Create(StatusCodes.Status400BadRequest, RejectionCodes.RunNotActive, "Cannot append external events to a terminal run");

    public static ProblemHttpResult RunIsWaiting() => Create(
        StatusCodes.Status400BadRequest, "RUN_WAITING", "Cannot append external events while the run is waiting for a tool result");

    /// <summary>The attempt that the caller names is over.</summary>
    public static ProblemHttpResult AttemptLost(Run run) => Create(
        StatusCodes.Status409Conflict,
        RejectionCodes.AttemptLost,
        AttemptErrors.DescribeLost(run.Attempt));

    /// <summary>The caller names no attempt, and a worker holds the run with a fenced claim.</summary>
    public static ProblemHttpResult AttemptRequired() => Create(
        StatusCodes.Status409Conflict,
        RejectionCodes.AttemptRequired,
        AttemptErrors.Required);

    /// <summary>The process has reached a limit.</summary>
    public static ProblemHttpResult Overloaded(string subject = "concurrent requests") =>
        Create(StatusCodes.Status503ServiceUnavailable, "OVERLOADED", $"Too many {subject}. {RetryHint}");

    /// <summary>The caller's tenant has reached its share of a limit.</summary>
    public static ProblemHttpResult TooManyRequests(string subject = "requests") =>
        Create(StatusCodes.Status429TooManyRequests, "TOO_MANY_REQUESTS", $"Too many {subject} of this tenant. {RetryHint}");

    public static ProblemHttpResult BodyTimeout(TimeSpan limit) => Create(
        StatusCodes.Status408RequestTimeout,
        BodyTimeoutCode,
        string.Create(CultureInfo.InvariantCulture, $"The body did not arrive within {limit.TotalSeconds:0.#} seconds. Nothing was done."));

    /// <summary>The body arrived below the minimum rate.</summary>
    public static ProblemHttpResult BodyTooSlow() =>
        Create(StatusCodes.Status408RequestTimeout, BodyTimeoutCode, "The body arrived too slowly. Nothing was done.");

    /// <summary>There is no connection to the broker.</summary>
    public static ProblemHttpResult BrokerUnavailable(string runId) => Create(
        StatusCodes.Status503ServiceUnavailable,
        "BROKER_UNAVAILABLE",
        "The message broker is not connected. Nothing was sent, and a retry is safe.",
        ("run_id", runId));

    /// <summary>The broker has a memory or disk alarm.</summary>
    public static ProblemHttpResult BrokerBlocked(string runId) => Create(
        StatusCodes.Status503ServiceUnavailable,
        "BROKER_BLOCKED",
        "The message broker is out of memory or disk space and accepts no messages. Nothing was sent, and a retry is safe.",
        ("run_id", runId));

    /// <summary>The broker rejected the command, or did not confirm it: most likely it was not delivered.</summary>
    public static ProblemHttpResult NotDispatched(string runId) => Create(
        StatusCodes.Status503ServiceUnavailable,
        "NOT_DISPATCHED",
        $"The message broker did not confirm the request. {OutcomeUnknownHint}",
        ("run_id", runId));

    /// <summary>
    /// The reply timed out, or the command failed, and the caller can repeat the command for the same run.
    /// </summary>
    public static ProblemHttpResult OutcomeUnknown(string runId, Exception cause) => Create(
        StatusCodes.Status504GatewayTimeout, OutcomeUnknownCode, $"{Describe(cause)} {OutcomeUnknownHint}", ("run_id", runId));

    /// <summary>
    /// The reply to a create without an id timed out, or the create failed. Its command expires with the request, so
    /// that a retry, which gets another id, does not create a second run.
    /// </summary>
    public static ProblemHttpResult OutcomeUnknownForGeneratedId(string runId, Exception cause) => Create(
        StatusCodes.Status504GatewayTimeout,
        OutcomeUnknownCode,
        $"{Describe(cause)} The run of this id is not created later, unless its write was already under way.",
        ("run_id", runId));

    private static string Describe(Exception cause) =>
        cause is OperationCanceledException ? "The request timed out." : "The command failed.";

    /// <summary>
    /// The append timed out. Only the event id identifies a repeat reliably; the sequence does not count hidden events.
    /// </summary>
    public static ProblemHttpResult AppendOutcomeUnknown(string runId) => Create(
        StatusCodes.Status504GatewayTimeout,
        OutcomeUnknownCode,
        "The append timed out. Its outcome is unknown. A retry with the same expected_previous_event_id is safe.",
        ("run_id", runId));

    public static ProblemHttpResult StoreUnavailable() =>
        Create(StatusCodes.Status503ServiceUnavailable, RejectionCodes.StoreUnavailable, "The run store does not respond. Retry later.");

    /// <summary>The write was rejected: the store is known to be unavailable, or has just rejected it.</summary>
    public static ProblemHttpResult StoreNotWritable(string? runId) => Create(
        StatusCodes.Status503ServiceUnavailable,
        RejectionCodes.StoreUnavailable,
        "The run store accepts no writes now. Nothing was stored; retry later.",
        ("run_id", runId));

    /// <summary>The credential is valid, but lacks the scope that the route requires.</summary>
    public static ProblemHttpResult InsufficientScope(string scope) => Create(
        StatusCodes.Status403Forbidden, "INSUFFICIENT_SCOPE", $"This credential lacks the scope {scope}.", ("scope", scope));

    /// <summary>The route requires the token of a worker, and the credential is another one.</summary>
    public static ProblemHttpResult WorkerTokenRequired() => Create(
        StatusCodes.Status403Forbidden, "WORKER_TOKEN_REQUIRED", "This call requires the token of the worker.");

    /// <summary>The route does not accept tokens of workers.</summary>
    public static ProblemHttpResult WorkerTokenNotAllowed() => Create(
        StatusCodes.Status403Forbidden, "WORKER_TOKEN_NOT_ALLOWED", "The token of a worker is not allowed to do this.");

    /// <summary>The route requires the token of an event writer, and the credential is another one.</summary>
    public static ProblemHttpResult EventWriterTokenRequired() => Create(
        StatusCodes.Status403Forbidden, "EVENT_WRITER_TOKEN_REQUIRED", "This call requires the event writer token of the run.");

    /// <summary>The route does not accept tokens of event writers, or only those of another run or attempt.</summary>
    public static ProblemHttpResult EventWriterTokenNotAllowed() => Create(
        StatusCodes.Status403Forbidden,
        "EVENT_WRITER_TOKEN_NOT_ALLOWED",
        "This event writer token allows appends to the log of its run and attempt only.");

    /// <summary>No token is issued for a child that has ended.</summary>
    public static ProblemHttpResult ChildEnded() =>
        Create(StatusCodes.Status403Forbidden, RejectionCodes.RunNotActive, "The child has ended. No token is issued for it.");

    /// <summary>The token belongs to another worker of the same tenant.</summary>
    public static ProblemHttpResult WorkerForbidden() => Create(
        StatusCodes.Status403Forbidden, "WORKER_FORBIDDEN", "This is the token of another worker.");

    /// <summary>The worker that calls does not hold the run.</summary>
    public static ProblemHttpResult RunNotHeld() => Create(
        StatusCodes.Status403Forbidden, "RUN_NOT_HELD", "This worker does not hold the run.");

    /// <summary>The worker's token is no longer valid: the worker was revoked, or the token was removed.</summary>
    public static ProblemHttpResult WorkerTokenInvalid() => Create(
        StatusCodes.Status401Unauthorized, "INVALID_TOKEN", InvalidTokenDetail);

    /// <summary>The credential is restricted to other projects.</summary>
    public static ProblemHttpResult ProjectForbidden() =>
        Create(StatusCodes.Status403Forbidden, "PROJECT_FORBIDDEN", "This credential may not create runs of this owner.");

    public static ProblemHttpResult ParentNotFound() => Create(
        StatusCodes.Status404NotFound,
        RejectionCodes.ParentNotFound,
        "parent_run_id names no run that you can see. Nothing was created.");

    /// <summary>The key store or the issuer does not answer, so the credential is neither valid nor invalid.</summary>
    public static ProblemHttpResult CredentialNotChecked() => Create(
        StatusCodes.Status503ServiceUnavailable, "CREDENTIAL_NOT_CHECKED", $"The credential could not be checked. {RetryHint}");

    /// <summary>Maps a rejection by the saga, by its code.</summary>
    public static ProblemHttpResult FromRejection(RunRejected rejection) => rejection.Code switch
    {
        RejectionCodes.StoreUnavailable => StoreNotWritable(rejection.RunId),
        RejectionCodes.RunNotFound or RejectionCodes.ParentNotFound => Create(StatusCodes.Status404NotFound, rejection),
        RejectionCodes.TreeTooDeep => Create(StatusCodes.Status400BadRequest, rejection),
        RejectionCodes.Expired => Create(StatusCodes.Status504GatewayTimeout, rejection),
        _ => Create(StatusCodes.Status409Conflict, rejection),
    };

    /// <summary>
    /// Completes every problem: a <c>detail</c> where the framework created it, and <c>Retry-After</c> where a retry
    /// helps.
    /// </summary>
    public static void ApplyDefaults(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
        }

        problem.Type = "about:blank";
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status401Unauthorized => InvalidTokenDetail,
            StatusCodes.Status403Forbidden => "This credential is not allowed to do this.",
            StatusCodes.Status404NotFound => "There is nothing at this address.",
            StatusCodes.Status405MethodNotAllowed => "This address does not support this method.",
            StatusCodes.Status500InternalServerError => "An internal error occurred.",
            _ => problem.Title ?? "The request was rejected.",
        };
    }

    private static string Format(ValidationError error) => error.Pointer.Length == 0 ? error.Detail : $"{error.Pointer} {error.Detail}";

    private static ProblemHttpResult Create(int status, RunRejected rejection) =>
        Create(status, rejection.Code, rejection.Detail, ("differences", rejection.Differences));

    private static ProblemHttpResult Create(
        int status, string code, string detail, params ReadOnlySpan<(string Name, object? Value)> extensions)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail, Type = "about:blank", Extensions = { ["code"] = code } };
        foreach (var (name, value) in extensions)
        {
            if (value is not null)
            {
                problem.Extensions[name] = value;
            }
        }

        return TypedResults.Problem(problem);
    }
}
