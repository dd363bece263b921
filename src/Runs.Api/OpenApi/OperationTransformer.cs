using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Api.OpenApi.Metadata;

namespace Runs.Api.OpenApi;

/// <summary>
/// Adds to each operation its examples and what its endpoint metadata describes: body, query parameters, headers,
/// problems and scopes.
/// </summary>
internal sealed class OperationTransformer : IOpenApiOperationTransformer
{
    public async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var examples = ExampleFile.Load(operation.OperationId!);
        DescribeResponses(operation, metadata, examples);
        AddProblems(operation, metadata, document);
        operation.Parameters =
            [.. operation.Parameters ?? [], .. metadata.OfType<RequestParameter>().Select(parameter => parameter.ToOpenApi())];
        if (metadata.OfType<BodyDescription>().SingleOrDefault() is { Schema: var body })
        {
            operation.RequestBody = CreateRequestBody(await AddBodySchema(body, context, cancellationToken), examples);
        }

        AddSecurityRequirements(operation, metadata, document);
    }

    private static void DescribeResponses(OpenApiOperation operation, IList<object> metadata, ExampleFile examples)
    {
        var headers = metadata.OfType<ResponseHeaderDescription>().ToLookup(header => $"{header.Status}", header => header.Header);
        foreach (var (status, response) in operation.Responses!)
        {
            response.Description = DescriptionText.Unwrap(response.Description);
            foreach (var content in response.Content?.Values ?? [])
            {
                content.Example = examples.Response;
            }

            if (headers.Contains(status))
            {
                ((OpenApiResponse)response).Headers = headers[status].ToDictionary(header => header.Name, header => header.ToOpenApi());
            }
        }
    }

    private static void AddProblems(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        var problems = new SortedDictionary<int, ProblemResponse>();
        foreach (var problem in metadata.OfType<ProblemResponse>())
        {
            problems[problem.Status] = problem;
        }

        foreach (var (status, problem) in problems)
        {
            operation.Responses![$"{status}"] = new OpenApiResponseReference(problem.Name, document);
        }
    }

    // The scopes are those of the route's authorization policies.
    private static void AddSecurityRequirements(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        var scopes = metadata.OfType<IAuthorizeData>().Select(authorize => authorize.Policy!).ToList();
        if (scopes is [WorkerAuthorizationExtensions.Policy])
        {
            Add(operation, "Requires the token of the worker.");
            operation.Security = [Require(WorkerTokenAuthenticationHandler.SchemeName, [])];
            return;
        }

        if (scopes is [EventWriterAuthorizationExtensions.Policy])
        {
            Add(operation, "Requires the event writer token of the run.");
            operation.Security = [Require(EventWriterAuthenticationHandler.SchemeName, [])];
            return;
        }

        Add(operation, $"Requires the scope {string.Join(" or ", scopes.Select(scope => $"`{scope}`"))}.");
        operation.Security =
        [
            Require(JwtBearerDefaults.AuthenticationScheme, scopes), Require(ApiKeyAuthenticationHandler.SchemeName, scopes),
        ];
        if (metadata.OfType<WorkerRunAccess>().Any())
        {
            Add(operation, "A worker may use its token instead, for a run that it holds; otherwise it gets 403 (`RUN_NOT_HELD`).");
            operation.Security.Add(Require(WorkerTokenAuthenticationHandler.SchemeName, []));
        }

        if (metadata.OfType<EventWriterAccess>().Any())
        {
            Add(operation, "An event writer may use its token instead, for the run of the token.");
            operation.Security.Add(Require(EventWriterAuthenticationHandler.SchemeName, []));
        }

        OpenApiSecurityRequirement Require(string scheme, List<string> required) =>
            new() { [new OpenApiSecuritySchemeReference(scheme, document)] = required };

        static void Add(OpenApiOperation operation, string sentence) =>
            operation.Description = $"{DescriptionText.Unwrap(operation.Description)}\n\n{sentence}";
    }

    private static OpenApiRequestBody CreateRequestBody(IOpenApiSchema schema, ExampleFile examples) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType { Schema = schema, Examples = examples.Requests },
        },
    };

    // A type with derived types is described by these alone.
    private static async Task<OpenApiSchemaReference> AddBodySchema(
        Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        if (type.GetCustomAttribute<JsonPolymorphicAttribute>() is not { TypeDiscriminatorPropertyName: { } discriminator })
        {
            document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
            return new OpenApiSchemaReference(type.Name, document);
        }

        var choices = new Dictionary<string, OpenApiSchemaReference>();
        foreach (var derived in type.GetCustomAttributes<JsonDerivedTypeAttribute>())
        {
            choices[(string)derived.TypeDiscriminator!] = await AddBodySchema(derived.DerivedType, context, cancellationToken);
        }

        document.AddComponent(type.Name, new OpenApiSchema
        {
            Description = type.GetCustomAttribute<DescriptionAttribute>()?.Description,
            OneOf = [.. choices.Values],
            Discriminator = new OpenApiDiscriminator { PropertyName = discriminator, Mapping = choices },
        });
        return new OpenApiSchemaReference(type.Name, document);
    }
}
