using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api;

/// <summary>What went wrong (RFC 9457). Decide by <c>status</c> and <c>code</c>; <c>detail</c> is for people.</summary>
public sealed record Problem
{
    /// <summary>Always <c>about:blank</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The status in words.</summary>
    [MinLength(1)]
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What went wrong, for people. Never empty.</summary>
    [MinLength(1)]
    public required string Detail { get; init; }

    /// <summary>What went wrong, for programs. There may be new ones. Left out when the status says it all.</summary>
    public string Code { get; init; } = "";

    /// <summary>With <c>INVALID_REQUEST</c>: everything that is wrong, each member once; the first 50.</summary>
    public IReadOnlyList<InvalidMemberResource> Errors { get; init; } = [];

    /// <summary>With <c>INSUFFICIENT_SCOPE</c>: the scope that the credential lacks.</summary>
    public string Scope { get; init; } = "";

    /// <summary>With <c>REQUEST_DIFFERS</c>: JSON Pointers (RFC 6901) into the body, one for each member that differs. Never values.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>The run that was asked for, where it is not known what became of the request, or the store was away.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Finds this call in the service's logs and traces.</summary>
    public string TraceId { get; init; } = "";
}

/// <summary>The answers that are problems: one for each status, and those of <see cref="OpenApiRefusals"/>.</summary>
internal static class OpenApiProblems
{
    private static readonly (int Status, string Description, string Example)[] Common =
    [
        (400, "The request is malformed: `INVALID_REQUEST` with every member that is wrong, `INVALID_JSON`, or `INVALID_CONTENT_ENCODING` for a body "
            + "that is not compressed as its `Content-Encoding` says. Or the parent is on the lowest level that a tree may have: `TREE_TOO_DEEP`.", """
            {"code":"INVALID_REQUEST","detail":"/owner/id must be a UUID.","errors":[{"pointer":"/owner/id","detail":"must be a UUID."}]}
            """),
        (401, "There is no credential, or it is not valid.", """{"detail":"Invalid authentication token"}"""),
        (403, "The credential is valid and may not do this: it lacks the scope (`INSUFFICIENT_SCOPE`) or the project (`PROJECT_FORBIDDEN`), or has no tenant.",
            """{"code":"INSUFFICIENT_SCOPE","detail":"This credential lacks the scope write.","scope":"write"}"""),
        (404,
            "There is no such thing in the caller's tenant: `RUN_NOT_FOUND`, `PARENT_NOT_FOUND`, `PROJECT_NOT_FOUND`, `CONVERSATION_NOT_FOUND` or "
            + "`INPUT_REQUEST_NOT_FOUND`.",
            """{"code":"RUN_NOT_FOUND","detail":"No such run."}"""),
        (408,
            "The body did not arrive in time. Nothing was done (`BODY_TIMEOUT`).",
            """{"code":"BODY_TIMEOUT","detail":"The body did not arrive within 30 seconds. Nothing was done."}"""),
        (409,
            "The run exists and is another one: `RUN_ID_TAKEN` by a run of another kind or owner, or, with strict handling, `REQUEST_DIFFERS`. Or its parent, or "
            + "a run above it, was cancelled: `PARENT_CANCELLED`.",
            """{"code":"RUN_ID_TAKEN","detail":"This run id belongs to a run of another kind or owner."}"""),
        (413, "The body is larger than 10 MiB, after decompression where it is compressed.", """{"code":"BODY_TOO_LARGE","detail":"The body must not be larger than 10 MiB."}"""),
        (415,
            "The body is not JSON by its type (`UNSUPPORTED_MEDIA_TYPE`), or has another `Content-Encoding` than `Accept-Encoding` names "
            + "(`UNSUPPORTED_CONTENT_ENCODING`).", """{"code":"UNSUPPORTED_MEDIA_TYPE","detail":"The body must be application/json."}"""),
        (429,
            "The caller's tenant uses its share of the service. Nothing was done (`TOO_MANY_REQUESTS`).",
            """{"code":"TOO_MANY_REQUESTS","detail":"Too many requests of this tenant. Nothing was done; ask again in a second."}"""),
        (503,
            "Nothing was done (`OVERLOADED`, `CREDENTIAL_NOT_CHECKED`), nothing was sent (`BROKER_UNAVAILABLE`, `BROKER_BLOCKED`), the store does not answer or refuses writes, of which then nothing is stored (`STORE_UNAVAILABLE`), or the request could most likely not be handed on "
            + "(`NOT_HANDED_ON`). Asking again is safe for a run that the request names, and for an append that names its cursor.",
            """{"code":"OVERLOADED","detail":"Too many requests are under way. Nothing was done; ask again in a second."}"""),
        (504,
            "There was no answer in time, so the outcome is not known (`OUTCOME_UNKNOWN`), or the request came too late (`EXPIRED`). Asking again is safe; for an append, "
            + "with the same cursor.",
            """
            {"code":"OUTCOME_UNKNOWN","detail":"The request was not answered in time. Whether it was carried out is not known. Asking again for the same run is safe.","run_id":"run_nightly-0001"}
            """),
    ];

    /// <summary>The name under which a problem of an operation is described.</summary>
    public static string NameOf(int status, string operationId) => (status, operationId) switch
    {
        (400, "appendEvents" or "appendConversationEvents") => "AppendRefused",
        (409, "waitRun" or "createInputRequest") => "WaitRefused",
        (409, "resumeRun" or "respondToInputRequest" or "cancelInputRequest") => "ResultRefused",
        _ => TitleOf(status).Replace(" ", "", StringComparison.Ordinal),
    };

    public static void AddTo(OpenApiDocument document)
    {
        foreach (var (status, description, example) in Common)
        {
            var answer = Answer(document, description);
            answer.Content!["application/problem+json"].Example = Whole(status, example);
            answer.Headers = status switch
            {
                401 => new Dictionary<string, IOpenApiHeader> { ["WWW-Authenticate"] = Header("`Bearer`.", JsonSchemaType.String) },
                415 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Accept-Encoding"] = Header("With `UNSUPPORTED_CONTENT_ENCODING`: the encodings that are read, `gzip, br`.", JsonSchemaType.String),
                },
                429 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = Header("Seconds after which to ask again.", JsonSchemaType.Integer),
                    ["RateLimit"] = Header("What is left of the tenant's rate, as draft-ietf-httpapi-ratelimit-headers has it.", JsonSchemaType.String),
                    ["RateLimit-Policy"] = Header("The tenant's rate, as draft-ietf-httpapi-ratelimit-headers has it.", JsonSchemaType.String),
                },
                403 => new Dictionary<string, IOpenApiHeader>
                {
                    ["WWW-Authenticate"] = Header("`Bearer error=\"insufficient_scope\"` with the scope that is needed.", JsonSchemaType.String),
                },
                503 => new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = Header("Seconds after which to ask again, where that can be told.", JsonSchemaType.Integer),
                },
                _ => null,
            };
            document.AddComponent(NameOf(status, ""), answer);
        }

        foreach (var (name, (status, description, examples)) in OpenApiRefusals.All)
        {
            var answer = Answer(document, description);
            answer.Content!["application/problem+json"].Examples =
                examples.ToDictionary(example => example.Name, IOpenApiExample (example) => new OpenApiExample { Value = Whole(status, example.Problem) });
            document.AddComponent(name, answer);
        }
    }

    public static OpenApiHeader Header(string description, JsonSchemaType type) => new() { Description = description, Schema = new OpenApiSchema { Type = type } };

    private static OpenApiResponse Answer(OpenApiDocument document, string description) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(Problem), document) },
        },
    };

    private static JsonObject Whole(int status, string example)
    {
        var problem = new JsonObject { ["type"] = "about:blank", ["title"] = TitleOf(status), ["status"] = status };
        foreach (var (name, value) in JsonNode.Parse(example)!.AsObject())
        {
            problem[name] = value?.DeepClone();
        }

        return problem;
    }

    private static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
