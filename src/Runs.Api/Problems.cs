using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Api.Http;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>Every problem that the API answers with (RFC 9457). <c>detail</c> is never empty; clients compare some texts to the letter.</summary>
internal static class Problems
{
    private const string RetryIsSafe = "Whether it was carried out is not known. Asking again for the same run is safe.";

    public static ProblemHttpResult Invalid(IReadOnlyList<InvalidMember> errors) => Make(
        StatusCodes.Status400BadRequest, "INVALID_REQUEST",
        errors.Count == 1 ? Sentence(errors[0]) : $"{Sentence(errors[0])} ({errors.Count} members are wrong; see errors.)",
        ("errors", errors.Take(50).Select(error => new InvalidMemberResource(error.Pointer, error.Detail)).ToArray()));

    public static ProblemHttpResult Invalid(string at, string detail) => Invalid([new InvalidMember(at, detail)]);

    public static ProblemHttpResult NotJson(string detail) => Make(StatusCodes.Status400BadRequest, "INVALID_JSON", detail);

    public static ProblemHttpResult TooLarge() =>
        Make(StatusCodes.Status413PayloadTooLarge, "BODY_TOO_LARGE", "The body must not be larger than 10 MiB.");

    public static ProblemHttpResult TooMuchForTheRun() => Make(
        StatusCodes.Status413PayloadTooLarge, "BODY_TOO_LARGE", "The run's own request is so large that it has no room for so many events at once. Send fewer.");

    /// <summary>The command was not sent: JSON escapes control characters and what is beyond 16 bits, which makes a message larger than its body.</summary>
    public static ProblemHttpResult TooLargeForTheBroker() => Make(
        StatusCodes.Status413PayloadTooLarge, "BODY_TOO_LARGE", "The body makes a message that is larger than the broker takes: it has much text that JSON escapes. Nothing was done.");

    public static ProblemHttpResult NotJsonType() =>
        Make(StatusCodes.Status415UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.");

    public static ProblemHttpResult UnsupportedEncoding() => Make(
        StatusCodes.Status415UnsupportedMediaType, "UNSUPPORTED_CONTENT_ENCODING", $"The body's Content-Encoding must be one of {RequestCompression.Accepted}, or none.");

    /// <summary>The request could not be read, for the reason and with the status that the server found.</summary>
    public static ProblemHttpResult BadRequest(BadHttpRequestException exception) => exception switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(),
        { StatusCode: StatusCodes.Status408RequestTimeout } => Make(exception.StatusCode, "BODY_TOO_SLOW", "The body came too slowly."),
        InvalidEncodingException => Make(exception.StatusCode, "INVALID_CONTENT_ENCODING", exception.Message),
        _ => NotJson("The request could not be read."),
    };

    public static ProblemHttpResult RunNotFound() => Make(StatusCodes.Status404NotFound, RefusalCodes.RunNotFound, "No such run.");

    public static ProblemHttpResult ProjectNotFound() => Make(StatusCodes.Status404NotFound, "PROJECT_NOT_FOUND", "No such project.");

    public static ProblemHttpResult ConversationNotFound() =>
        Make(StatusCodes.Status404NotFound, "CONVERSATION_NOT_FOUND", "No such conversation.");

    public static ProblemHttpResult InputRequestNotFound() =>
        Make(StatusCodes.Status404NotFound, "INPUT_REQUEST_NOT_FOUND", "No such input request.");

    public static ProblemHttpResult EventCursorMismatch() =>
        Make(StatusCodes.Status400BadRequest, "EVENT_CURSOR_MISMATCH", "External run event cursor mismatch");

    public static ProblemHttpResult AppendAfterEnd() =>
        Make(StatusCodes.Status400BadRequest, RefusalCodes.RunNotActive, "Cannot append external events to a terminal run");

    public static ProblemHttpResult AppendWhileWaiting() => Make(
        StatusCodes.Status400BadRequest, "RUN_WAITING", "Cannot append external events while the run is waiting for a tool result");

    /// <summary>The process has reached a limit.</summary>
    public static ProblemHttpResult Overloaded(string what = "requests are under way") => Make(
        StatusCodes.Status503ServiceUnavailable, "OVERLOADED", $"Too many {what}. Nothing was done; ask again in a second.");

    /// <summary>The caller's tenant has reached its share of a limit.</summary>
    public static ProblemHttpResult TooManyRequests(string what = "requests") => Make(
        StatusCodes.Status429TooManyRequests, "TOO_MANY_REQUESTS", $"Too many {what} of this tenant. Nothing was done; ask again in a second.");

    public static ProblemHttpResult BodyTimeout(TimeSpan limit) => Make(
        StatusCodes.Status408RequestTimeout, "BODY_TIMEOUT", string.Create(CultureInfo.InvariantCulture, $"The body did not arrive within {limit.TotalSeconds:0.#} seconds. Nothing was done."));

    /// <summary>There is no connection to the broker.</summary>
    public static ProblemHttpResult BrokerUnavailable(string runId) => Make(
        StatusCodes.Status503ServiceUnavailable, "BROKER_UNAVAILABLE", "The message broker is not connected. Nothing was sent, and a retry is safe.",
        ("run_id", runId));

    /// <summary>The broker has a memory or disk alarm.</summary>
    public static ProblemHttpResult BrokerBlocked(string runId) => Make(
        StatusCodes.Status503ServiceUnavailable, "BROKER_BLOCKED",
        "The message broker is out of memory or disk space and takes no messages. Nothing was sent, and a retry is safe.", ("run_id", runId));

    /// <summary>The broker refused the command, or did not confirm it: most likely nothing has happened.</summary>
    public static ProblemHttpResult NotHandedOn(string runId) => Make(
        StatusCodes.Status503ServiceUnavailable, "NOT_HANDED_ON", $"The request could not be handed on. {RetryIsSafe}", ("run_id", runId));

    /// <summary>No answer in time, for a command whose run the caller can name again.</summary>
    public static ProblemHttpResult OutcomeUnknown(string runId) => Make(
        StatusCodes.Status504GatewayTimeout, "OUTCOME_UNKNOWN", $"The request was not answered in time. {RetryIsSafe}", ("run_id", runId));

    /// <summary>No answer in time to a create without an id: its command expires with the call, so that a retry under another id does not double it.</summary>
    public static ProblemHttpResult AnonymousOutcomeUnknown(string runId) => Make(
        StatusCodes.Status504GatewayTimeout, "OUTCOME_UNKNOWN",
        "The request was not answered in time. Unless its write was under way at that moment, the run of this id will not be created any more.", ("run_id", runId));

    /// <summary>No answer in time to an append. Only a cursor tells a repeat from news; the sequence does not count hidden events.</summary>
    public static ProblemHttpResult AppendUnknown(string runId) => Make(
        StatusCodes.Status504GatewayTimeout, "OUTCOME_UNKNOWN",
        "The events were not confirmed in time. Whether they were appended is not known. Sending them again with the same expected_previous_event_id is safe.", ("run_id", runId));

    public static ProblemHttpResult StoreUnavailable() => Make(
        StatusCodes.Status503ServiceUnavailable, "STORE_UNAVAILABLE", "The run store does not answer. Ask again.");

    /// <summary>A write is refused: the store is known to be away, or has just refused it.</summary>
    public static ProblemHttpResult NothingStored(string? runId) => Make(
        StatusCodes.Status503ServiceUnavailable, RefusalCodes.StoreUnavailable, "The run store cannot be written now. Nothing was stored; ask again.",
        ("run_id", runId));

    /// <summary>The credential is valid, and the route needs a scope that it does not have.</summary>
    public static ProblemHttpResult InsufficientScope(string scope) => Make(
        StatusCodes.Status403Forbidden, "INSUFFICIENT_SCOPE", $"This credential lacks the scope {scope}.", ("scope", scope));

    /// <summary>The credential is for other projects than the run's.</summary>
    public static ProblemHttpResult ProjectForbidden() =>
        Make(StatusCodes.Status403Forbidden, "PROJECT_FORBIDDEN", "This credential may not create runs of this owner.");

    public static ProblemHttpResult ParentNotFound() =>
        Make(StatusCodes.Status404NotFound, RefusalCodes.ParentNotFound, "parent_run_id names no run that you can see. Nothing was created.");

    /// <summary>What knows the credential does not answer, so that it is neither valid nor invalid.</summary>
    public static ProblemHttpResult CredentialNotChecked() => Make(
        StatusCodes.Status503ServiceUnavailable, "CREDENTIAL_NOT_CHECKED", "The credential could not be checked. Nothing was done; ask again in a second.");

    /// <summary>What the saga refused, by its code.</summary>
    public static ProblemHttpResult Refused(RunRefused refusal) => refusal.Code == RefusalCodes.StoreUnavailable ? NothingStored(refusal.RunId) : Make(
        refusal.Code switch
        {
            RefusalCodes.RunNotFound or RefusalCodes.ParentNotFound => StatusCodes.Status404NotFound,
            RefusalCodes.TreeTooDeep => StatusCodes.Status400BadRequest,
            RefusalCodes.Expired => StatusCodes.Status504GatewayTimeout,
            _ => StatusCodes.Status409Conflict,
        },
        refusal.Code, refusal.Detail, ("differences", refusal.Differences));

    /// <summary>Gives every problem what it must have: a text where the framework made it, and when to ask again where that helps.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
        }

        problem.Type = "about:blank";
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status401Unauthorized => "Invalid authentication token",
            StatusCodes.Status403Forbidden => "This credential may not do this.",
            StatusCodes.Status404NotFound => "There is nothing at this address.",
            StatusCodes.Status405MethodNotAllowed => "This address does not take this method.",
            StatusCodes.Status500InternalServerError => "Something went wrong on our side.",
            _ => problem.Title ?? "The request was refused.",
        };
    }

    private static string Sentence(InvalidMember error) => error.Pointer.Length == 0 ? error.Detail : $"{error.Pointer} {error.Detail}";

    private static ProblemHttpResult Make(int status, string code, string detail, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail, Type = "about:blank", Extensions = { ["code"] = code } };
        foreach (var (name, value) in more)
        {
            if (value is not null)
            {
                problem.Extensions[name] = value;
            }
        }

        return TypedResults.Problem(problem);
    }
}

/// <summary>One member that is wrong.</summary>
/// <param name="Pointer">Where: a JSON Pointer (RFC 6901) into the body, or the name of a query or path parameter.</param>
/// <param name="Detail">What is wrong with it.</param>
public sealed record InvalidMemberResource(string Pointer, string Detail);
