using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Runs.Api;

/// <summary>What the description says once for all routes: what the service is, who may call it, and the problems that it answers with.</summary>
internal sealed class OpenApiDocumentParts : IOpenApiDocumentTransformer
{
    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Runs",
            Version = typeof(OpenApiDocumentParts).Assembly.GetName().Version!.ToString(3),
            Description = """
                The control plane for durable runs of agents, tasks, workflows and evaluations. A run that was answered is stored for good; every call
                may be repeated, an append when it says where it expects the log to end, and nothing is created or executed twice.

                Names are in snake case. A member that is null is the same as one that is left out, unless its type leaves null out. Times are UTC with
                milliseconds. UUIDs may be sent in either case and are answered in lower case. JSON that belongs to callers comes back exactly as it was sent.

                Bodies may be compressed, with `Content-Encoding: gzip` or `br`. HEAD is answered wherever GET is, without waiting. Retry 429 and every 5xx, after
                `Retry-After` where there is one; any other 4xx stays the same until the request is changed.
                """,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = ServersOf(document);
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Runs", Description = "Runs of every kind." },
            new() { Name = "Conversation runs", Description = "Agent runs as their conversation shows them." },
            new() { Name = "Input requests", Description = "Forms that somebody is asked to fill in while a run waits." },
        };
        document.AddComponent(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellationToken));
        OpenApiProblems.AddTo(document);
        AddSecurity(document);
    }

    // Wherever this document was read. Behind a proxy with a prefix that is not the root, and no host is named that a caller could have made up.
    private static List<OpenApiServer>? ServersOf(OpenApiDocument document) =>
        Uri.TryCreate(document.Servers?.FirstOrDefault()?.Url, UriKind.Absolute, out var server) && server.AbsolutePath != "/"
            ? [new OpenApiServer { Url = server.AbsolutePath.TrimEnd('/') }]
            : null;

    private static void AddSecurity(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(JwtBearerDefaults.AuthenticationScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A JWT signed with RS256 that has the claims `userId` and `tenant`, or an API key, `vf_<prefix>_<secret>`. Scopes are "
                + "`read`, `write`, `execute`, `answer`, `admin` and `operate`: the claim `scope` names them, or the key's record. A credential that names none has the first four.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(ApiKeyAuthentication.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiKeyAuthentication.Header,
            Description = "An API key, `vf_<prefix>_<secret>`. Not looked at when there is an `Authorization` header.",
        });
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(JwtBearerDefaults.AuthenticationScheme, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthentication.SchemeName, document)] = [] },
        ];
    }
}
