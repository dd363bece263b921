using Microsoft.OpenApi;
using Runs.Api.OpenApi.Metadata;

namespace Runs.Api.OpenApi;

/// <summary>The problem responses of the operations.</summary>
internal static class ProblemResponses
{
    public static ProblemResponse BadRequest { get; } = new(
        StatusCodes.Status400BadRequest,
        "The request is malformed: `INVALID_REQUEST` with every invalid member, `INVALID_JSON`, or `INVALID_CONTENT_ENCODING` for a body "
        + "that does not match its `Content-Encoding`. Or the parent is on the deepest level that a tree may have: `TREE_TOO_DEEP`.");

    /// <summary>The problems of an append, whose texts clients compare.</summary>
    public static ProblemResponse AppendRejected { get; } = new(
        StatusCodes.Status400BadRequest,
        "Nothing was appended. `detail` is exactly one of the texts shown here when the cursor is not the end of the log "
        + "(`EVENT_CURSOR_MISMATCH`), when the run has ended (`RUN_NOT_ACTIVE`) or is waiting, for any reason (`RUN_WAITING`), and when an "
        + "event is too large (`INVALID_REQUEST`). Or the request is malformed: `INVALID_REQUEST`, with the first invalid event, or "
        + "`INVALID_JSON`.")
    {
        Name = "AppendRejected",
    };

    public static ProblemResponse Unauthorized { get; } = new(
        StatusCodes.Status401Unauthorized, "The credential is missing or invalid.")
    {
        Headers = [new ResponseHeader("WWW-Authenticate", "`Bearer`.")],
    };

    public static ProblemResponse Forbidden { get; } = new(
        StatusCodes.Status403Forbidden,
        "The credential is valid, but lacks the scope (`INSUFFICIENT_SCOPE`) or the project (`PROJECT_FORBIDDEN`), or has no tenant. Or "
        + "the call requires the token of the worker (`WORKER_TOKEN_REQUIRED`), the token is that of another worker (`WORKER_FORBIDDEN`), "
        + "its worker does not hold the run (`RUN_NOT_HELD`), or no worker may do this (`WORKER_TOKEN_NOT_ALLOWED`). "
        + "Or the call requires the event writer token of the run (`EVENT_WRITER_TOKEN_REQUIRED`), the token is for another run or attempt "
        + "or does not allow the call (`EVENT_WRITER_TOKEN_NOT_ALLOWED`), or the child has ended (`RUN_NOT_ACTIVE`).")
    {
        Headers = [new ResponseHeader("WWW-Authenticate", "`Bearer error=\"insufficient_scope\"` with the required scope.")],
    };

    public static ProblemResponse NotFound { get; } = new(
        StatusCodes.Status404NotFound,
        "The resource does not exist in the caller's tenant: `RUN_NOT_FOUND`, `PARENT_NOT_FOUND`, `PROJECT_NOT_FOUND`, "
        + "`SCHEDULE_NOT_FOUND`, `CONVERSATION_NOT_FOUND`, `INPUT_REQUEST_NOT_FOUND` or `WORKER_NOT_FOUND`.");

    public static ProblemResponse RequestTimeout { get; } = new(
        StatusCodes.Status408RequestTimeout, "The body did not arrive in time. Nothing was done (`BODY_TIMEOUT`).");

    public static ProblemResponse Conflict { get; } = new(
        StatusCodes.Status409Conflict,
        "A different run with this id exists: `RUN_ID_TAKEN` by a run of another kind or owner, or, with strict handling, "
        + "`REQUEST_DIFFERS`. Or the parent, or one of its ancestors, was cancelled: `PARENT_CANCELLED`.");

    /// <summary>The conflicts of a result or response with the run.</summary>
    public static ProblemResponse ResultRejected { get; } = new(
        StatusCodes.Status409Conflict,
        "The run is unchanged: the tool call already has another result (`TOOL_RESULT_CONFLICT`), the run does not wait for it "
        + "(`TOOL_RESULT_NOT_WAITING`), or the run has ended without this result (`RUN_NOT_ACTIVE`).")
    {
        Name = "ResultRejected",
    };

    /// <summary>The conflicts of an append or an outcome with the attempts of the run.</summary>
    public static ProblemResponse AttemptRejected { get; } = new(
        StatusCodes.Status409Conflict,
        "Nothing was changed: the attempt that the body or the event writer token names is over (`ATTEMPT_LOST`), or a worker holds "
        + "the run with a fenced claim and the body names no attempt (`ATTEMPT_REQUIRED`).")
    {
        Name = "AttemptRejected",
    };

    /// <summary>The conflicts of a wait with the run.</summary>
    public static ProblemResponse WaitRejected { get; } = new(
        StatusCodes.Status409Conflict,
        "The run is unchanged: it waits for something else, or no worker executes it (`RUN_NOT_RUNNING`), it has ended "
        + "(`RUN_NOT_ACTIVE`), or it has reached the limit of input requests of one run (`TOO_MANY_INPUT_REQUESTS`). Or the attempt that "
        + "the body names is over (`ATTEMPT_LOST`), or none is named and a worker holds the run with a fenced claim (`ATTEMPT_REQUIRED`).")
    {
        Name = "WaitRejected",
    };

    /// <summary>The conflict of a call with the state of the schedule.</summary>
    public static ProblemResponse ScheduleRejected { get; } = new(
        StatusCodes.Status409Conflict,
        "Nothing was done: the schedule is being deleted (`SCHEDULE_DELETING`), or the id of the run belongs to another run "
        + "(`RUN_ID_TAKEN`).")
    {
        Name = "ScheduleRejected",
    };

    /// <summary>The tenant has the maximum number of schedules.</summary>
    public static ProblemResponse ScheduleLimitReached { get; } = new(
        StatusCodes.Status409Conflict,
        "Nothing was created: the tenant has the maximum number of schedules (`SCHEDULE_LIMIT_REACHED`).")
    {
        Name = "ScheduleLimitReached",
    };

    public static ProblemResponse PayloadTooLarge { get; } = new(
        StatusCodes.Status413PayloadTooLarge,
        $"The body is larger than {ApiOptions.MaxBodyBytes / ByteSize.MiB} MiB, after decompression if it is compressed.");

    public static ProblemResponse UnsupportedMediaType { get; } = new(
        StatusCodes.Status415UnsupportedMediaType,
        "The `Content-Type` is not JSON (`UNSUPPORTED_MEDIA_TYPE`), or the `Content-Encoding` is not one that `Accept-Encoding` lists "
        + "(`UNSUPPORTED_CONTENT_ENCODING`).")
    {
        Headers =
        [
            new ResponseHeader("Accept-Encoding", "With `UNSUPPORTED_CONTENT_ENCODING`: the supported encodings, `gzip, br`."),
        ],
    };

    public static ProblemResponse TooManyRequests { get; } = new(
        StatusCodes.Status429TooManyRequests,
        "The caller's tenant has used up its share of the service. Nothing was done (`TOO_MANY_REQUESTS`).")
    {
        Headers =
        [
            new ResponseHeader("Retry-After", "Seconds to wait before a retry.", JsonSchemaType.Integer),
            new ResponseHeader("RateLimit", "The tenant's remaining requests, as in draft-ietf-httpapi-ratelimit-headers."),
            new ResponseHeader("RateLimit-Policy", "The tenant's rate limit, as in draft-ietf-httpapi-ratelimit-headers."),
        ],
    };

    public static ProblemResponse ServiceUnavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable,
        "Nothing was done (`OVERLOADED`, `CREDENTIAL_NOT_CHECKED`, `SCHEDULE_BUSY`), nothing was sent (`BROKER_UNAVAILABLE`, "
        + "`BROKER_BLOCKED`), the store "
        + "does not answer, or rejects writes, of which it then stores nothing (`STORE_UNAVAILABLE`), or the broker did not confirm the "
        + "command, which most likely was not delivered (`NOT_DISPATCHED`). A retry is safe if the request names its run, and for an "
        + "append if it names its cursor.")
    {
        Headers = [new ResponseHeader("Retry-After", "Seconds to wait before a retry, if known.", JsonSchemaType.Integer)],
    };

    public static ProblemResponse GatewayTimeout { get; } = new(
        StatusCodes.Status504GatewayTimeout,
        "The request timed out, so its outcome is unknown (`OUTCOME_UNKNOWN`), or it was processed too late (`EXPIRED`). A retry is safe; "
        + "for an append, with the same cursor.");

    /// <summary>Every problem response.</summary>
    public static IReadOnlyList<ProblemResponse> All { get; } =
    [
        BadRequest, Unauthorized, Forbidden, NotFound, RequestTimeout, Conflict, PayloadTooLarge, UnsupportedMediaType, TooManyRequests,
        ServiceUnavailable, GatewayTimeout, AppendRejected, AttemptRejected, ResultRejected, WaitRejected,
        ScheduleRejected, ScheduleLimitReached,
    ];
}
