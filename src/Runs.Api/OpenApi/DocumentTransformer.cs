using System.Net.Mime;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Runs.Api.OpenApi;

/// <summary>
/// Adds what applies to the whole API: the description of the service, its credentials, and its problem responses.
/// </summary>
internal sealed class DocumentTransformer : IOpenApiDocumentTransformer
{
    public async Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Runs",
            Version = typeof(DocumentTransformer).Assembly.GetName().Version!.ToString(3),
            Description = DescriptionText.Unwrap("""
                The control plane for durable runs of agents, tasks, workflows and evaluations. An accepted run is durably stored. Every
                call can be repeated safely, an append if it names its cursor: nothing is created or executed twice.

                Names are in snake case. A null member is the same as an absent one, unless its type does not allow null. Times are UTC with
                milliseconds. UUIDs are accepted in either case and returned in lower case. JSON from callers is returned exactly as sent.

                Bodies can be compressed, with `Content-Encoding: gzip` or `br`. HEAD is supported wherever GET is, without waiting. Retry
                429 and every 5xx, after `Retry-After` if present. Any other 4xx persists until the request is changed.
                """),
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = GetServers(document);
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Runs", Description = "Runs of every kind." },
            new() { Name = "Schedules", Description = "Runs that are created at the times of a cron expression." },
            new() { Name = "Conversation runs", Description = "Agent runs as their conversation shows them." },
            new() { Name = "Input requests", Description = "Forms for a person, an agent or a system to fill in while a run waits." },
            new() { Name = "Workers", Description = "Registered workers, which claim and execute runs." },
        };
        document.AddComponent(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellationToken));
        AddProblemResponses(document);
        AddSecuritySchemes(document);
    }

    // The server is the one that served the document. Behind a proxy with a prefix, only the path is listed, because a
    // caller could have made up the host.
    private static List<OpenApiServer>? GetServers(OpenApiDocument document) =>
        Uri.TryCreate(document.Servers?.FirstOrDefault()?.Url, UriKind.Absolute, out var server) && server.AbsolutePath != "/"
            ? [new OpenApiServer { Url = server.AbsolutePath.TrimEnd('/') }]
            : null;

    private static void AddProblemResponses(OpenApiDocument document)
    {
        foreach (var problem in ProblemResponses.All)
        {
            var examples = ExampleFile.Load($"Problems/{problem.Name}");
            document.AddComponent(problem.Name, new OpenApiResponse
            {
                Description = problem.Description,
                Headers = problem.Headers.Count > 0
                    ? problem.Headers.ToDictionary(header => header.Name, header => header.ToOpenApi())
                    : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [MediaTypeNames.Application.ProblemJson] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchemaReference(nameof(Problem), document),
                        Example = examples.Response,
                        Examples = examples.Responses,
                    },
                },
            });
        }
    }

    private static void AddSecuritySchemes(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(JwtBearerDefaults.AuthenticationScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description =
                "A JWT signed with RS256 that has the claims `userId` and `tenant`, or an API key, `vf_<prefix>_<secret>`. Scopes are "
                + "`read`, `write`, `execute`, `answer`, `admin` and `operate`, from the claim `scope` or the key's record. A credential "
                + "without scopes has the first four.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(ApiKeyAuthenticationHandler.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiKeyAuthenticationHandler.HeaderName,
            Description = "An API key, `vf_<prefix>_<secret>`. Ignored when there is an `Authorization` header.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(WorkerTokenAuthenticationHandler.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description =
                "The token of a worker, `vfw_<worker id>_<secret>`, which its registration returns. It has no scopes: it is accepted only "
                + "for calls of this worker and for runs that it holds.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(EventWriterAuthenticationHandler.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description =
                "The `run_event_token` of a claim. It has no scopes: it is accepted only for appends to the log of its run, and to create "
                + "such a token for a child of this run. `/.well-known/jwks.json` has the keys that verify it.",
        });
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(JwtBearerDefaults.AuthenticationScheme, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthenticationHandler.SchemeName, document)] = [] },
        ];
    }
}
