using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.OpenApi;

/// <summary>Problem details (RFC 9457). Branch on <c>status</c> and <c>code</c>; <c>detail</c> is for people.</summary>
public sealed record Problem
{
    /// <summary>Always <c>about:blank</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The status text.</summary>
    [MinLength(1)]
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The explanation, for people. Never empty.</summary>
    [MinLength(1)]
    public required string Detail { get; init; }

    /// <summary>The error code, for programs. New codes may be added. Absent when the status is sufficient.</summary>
    public string Code { get; init; } = "";

    /// <summary>With <c>INVALID_REQUEST</c>: the invalid members, each once; the first 50.</summary>
    public IReadOnlyList<ValidationErrorResource> Errors { get; init; } = [];

    /// <summary>With <c>INSUFFICIENT_SCOPE</c>: the scope that the credential lacks.</summary>
    public string Scope { get; init; } = "";

    /// <summary>
    /// With <c>REQUEST_DIFFERS</c>: JSON Pointers (RFC 6901) into the body, one for each member that differs. Values
    /// are never included.
    /// </summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>
    /// The requested run, when the outcome of the request is unknown, when the broker was unavailable, or when the
    /// store was unavailable.
    /// </summary>
    public string RunId { get; init; } = "";

    /// <summary>Identifies this request in the service's logs and traces.</summary>
    public string TraceId { get; init; } = "";
}

/// <summary>The problem responses: one for each status, and those of <see cref="OperationProblemResponses"/>.</summary>
internal static class ProblemResponses
{
    private static readonly (int Status, string Description, string Example)[] Common =
    [
        (400, "The request is malformed: `INVALID_REQUEST` with every invalid member, `INVALID_JSON`, or `INVALID_CONTENT_ENCODING` for "
            + "a body that does not match its `Content-Encoding`. Or the parent is on the deepest level that a tree may have: "
            + "`TREE_TOO_DEEP`.", """
            {"code":"INVALID_REQUEST","detail":"/owner/id must be a UUID.","errors":[{"pointer":"/owner/id","detail":"must be a UUID."}]}
            """),
        (401, "The credential is missing or invalid.", """{"detail":"Invalid authentication token"}"""),
        (403, "The credential is valid, but lacks the scope (`INSUFFICIENT_SCOPE`) or the project (`PROJECT_FORBIDDEN`), or has no tenant.",
            """{"code":"INSUFFICIENT_SCOPE","detail":"This credential lacks the scope write.","scope":"write"}"""),
        (404,
            "The resource does not exist in the caller's tenant: `RUN_NOT_FOUND`, `PARENT_NOT_FOUND`, `PROJECT_NOT_FOUND`, `CONVERSATION_NOT_FOUND` or "
            + "`INPUT_REQUEST_NOT_FOUND`.",
            """{"code":"RUN_NOT_FOUND","detail":"No such run."}"""),
        (408,
            "The body did not arrive in time. Nothing was done (`BODY_TIMEOUT`).",
            """{"code":"BODY_TIMEOUT","detail":"The body did not arrive within 30 seconds. Nothing was done."}"""),
        (409,
            "A different run with this id exists: `RUN_ID_TAKEN` by a run of another kind or owner, or, with strict handling, "
            + "`REQUEST_DIFFERS`. Or the parent, or one of its ancestors, was cancelled: `PARENT_CANCELLED`.",
            """{"code":"RUN_ID_TAKEN","detail":"This run id belongs to a run of another kind or owner."}"""),
        (413, "The body is larger than 10 MiB, after decompression if it is compressed.",
            """{"code":"BODY_TOO_LARGE","detail":"The body must not be larger than 10 MiB."}"""),
        (415,
            "The `Content-Type` is not JSON (`UNSUPPORTED_MEDIA_TYPE`), or the `Content-Encoding` is not one that `Accept-Encoding` lists "
            + "(`UNSUPPORTED_CONTENT_ENCODING`).", """{"code":"UNSUPPORTED_MEDIA_TYPE","detail":"The body must be application/json."}"""),
        (429,
            "The caller's tenant has used up its share of the service. Nothing was done (`TOO_MANY_REQUESTS`).",
            """{"code":"TOO_MANY_REQUESTS","detail":"Too many requests of this tenant. Nothing was done; ask again in a second."}"""),
        (503,
            "Nothing was done (`OVERLOADED`, `CREDENTIAL_NOT_CHECKED`), nothing was sent (`BROKER_UNAVAILABLE`, `BROKER_BLOCKED`), the "
            + "store does not answer, or rejects writes, of which it then stores nothing (`STORE_UNAVAILABLE`), or the broker did not "
            + "confirm the command, which most likely was not delivered (`NOT_DISPATCHED`). A retry is safe if the request names its run, "
            + "and for an append if it names its cursor.",
            """{"code":"OVERLOADED","detail":"Too many requests are under way. Nothing was done; ask again in a second."}"""),
        (504,
            "The request timed out, so its outcome is unknown (`OUTCOME_UNKNOWN`), or it was processed too late (`EXPIRED`). A retry is "
            + "safe; for an append, with the same cursor.",
            """
            {"code":"OUTCOME_UNKNOWN","detail":"The request was not answered in time. Whether it was carried out is not known. Asking again for the same run is safe.","run_id":"run_nightly-0001"}
            """),
    ];

    /// <summary>The component name of an operation's problem response.</summary>
    public static string GetComponentName(int status, string operationId) => (status, operationId) switch
    {
        (400, "appendEvents" or "appendConversationEvents") => "AppendRejected",
        (409, "waitRun" or "createInputRequest") => "WaitRejected",
        (409, "resumeRun" or "respondToInputRequest" or "cancelInputRequest") => "ResultRejected",
        _ => GetTitle(status).Replace(" ", "", StringComparison.Ordinal),
    };

    public static void AddTo(OpenApiDocument document)
    {
        foreach (var (status, description, example) in Common)
        {
            var response = CreateResponse(document, description);
            response.Content!["application/problem+json"].Example = CompleteExample(status, example);
            response.Headers = status switch
            {
                401 => new Dictionary<string, IOpenApiHeader> { ["WWW-Authenticate"] = CreateHeader("`Bearer`.", JsonSchemaType.String) },
                415 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Accept-Encoding"] = CreateHeader("With `UNSUPPORTED_CONTENT_ENCODING`: the supported encodings, `gzip, br`.", JsonSchemaType.String),
                },
                429 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = CreateHeader("Seconds to wait before a retry.", JsonSchemaType.Integer),
                    ["RateLimit"] = CreateHeader("The tenant's remaining requests, as in draft-ietf-httpapi-ratelimit-headers.", JsonSchemaType.String),
                    ["RateLimit-Policy"] = CreateHeader("The tenant's rate limit, as in draft-ietf-httpapi-ratelimit-headers.", JsonSchemaType.String),
                },
                403 => new Dictionary<string, IOpenApiHeader>
                {
                    ["WWW-Authenticate"] = CreateHeader("`Bearer error=\"insufficient_scope\"` with the required scope.", JsonSchemaType.String),
                },
                503 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = CreateHeader("Seconds to wait before a retry, if known.", JsonSchemaType.Integer),
                },
                _ => null,
            };
            document.AddComponent(GetComponentName(status, ""), response);
        }

        foreach (var (name, (status, description, examples)) in OperationProblemResponses.All)
        {
            var response = CreateResponse(document, description);
            response.Content!["application/problem+json"].Examples =
                examples.ToDictionary(example => example.Name, IOpenApiExample (example) => new OpenApiExample { Value = CompleteExample(status, example.Problem) });
            document.AddComponent(name, response);
        }
    }

    public static OpenApiHeader CreateHeader(string description, JsonSchemaType type) => new() { Description = description, Schema = new OpenApiSchema { Type = type } };

    private static OpenApiResponse CreateResponse(OpenApiDocument document, string description) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(Problem), document) },
        },
    };

    private static JsonObject CompleteExample(int status, string example)
    {
        var problem = new JsonObject { ["type"] = "about:blank", ["title"] = GetTitle(status), ["status"] = status };
        foreach (var (name, value) in JsonNode.Parse(example)!.AsObject())
        {
            problem[name] = value?.DeepClone();
        }

        return problem;
    }

    private static string GetTitle(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
