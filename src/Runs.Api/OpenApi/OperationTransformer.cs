using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api.OpenApi;

/// <summary>
/// Adds to each operation its texts and examples, and what its signature does not declare: bodies, query parameters,
/// headers and problems.
/// </summary>
internal sealed class OperationTransformer : IOpenApiOperationTransformer
{
    private static readonly Dictionary<string, OperationDescription> Descriptions =
        new([.. RunOperationDescriptions.All, .. EventOperationDescriptions.All, .. WaitOperationDescriptions.All]);

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var description = Descriptions[operation.OperationId!];
        operation.Summary = description.Summary;
        operation.Description = string.Join("\n\n", description.Description.Split("\n\n").Select(paragraph => paragraph.ReplaceLineEndings(" ")));
        foreach (var success in operation.Responses!.Values.Cast<OpenApiResponse>())
        {
            success.Description = description.SuccessDescription;
            foreach (var (type, content) in success.Content!)
            {
                content.Example = type == "application/json" ? JsonNode.Parse(description.ResponseExample) : description.ResponseExample;
            }
        }

        AddHeaders(operation);
        foreach (var status in description.ProblemStatuses.Concat(description.BodyType is null ? [401, 403, 429] : [401, 403, 408, 429]).Order())
        {
            operation.Responses[$"{status}"] = new OpenApiResponseReference(ProblemResponses.GetComponentName(status, operation.OperationId!), document);
        }

        ParameterDescriptions.AddTo(operation);
        AddSecurityRequirements(operation, context, document);
        if (description.BodyType is { } body)
        {
            operation.RequestBody = CreateRequestBody(
                body == typeof(CreateRunRequest)
                    ? await AddCreateRunSchema(context, document, cancellationToken)
                    : await AddSchemaComponent(body, context, document, cancellationToken),
                description.BodyExamples);
        }
    }

    // The scopes are those of the route's authorization policies.
    private static void AddSecurityRequirements(OpenApiOperation operation, OpenApiOperationTransformerContext context, OpenApiDocument document)
    {
        var scopes = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Select(authorize => authorize.Policy!).ToList();
        operation.Description += $"\n\nRequires the scope {string.Join(" or ", scopes.Select(scope => $"`{scope}`"))}.";
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(JwtBearerDefaults.AuthenticationScheme, document)] = scopes },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthenticationHandler.SchemeName, document)] = scopes },
        ];
    }

    // Response headers, and responses without a body.
    private static void AddHeaders(OpenApiOperation operation)
    {
        var responses = operation.Responses!;
        switch (operation.OperationId)
        {
            case "createRun":
                Add(responses["202"], "Server-Timing", "The durations `queue`, `saga`, `store` and `total`, in milliseconds.");
                Add(responses["202"], "Location", "The URL of the run.");
                break;
            case "getRun":
                responses["304"] = new OpenApiResponse { Description = "The run has not changed." };
                Add(
                    responses["200"], "ETag",
                    "The run's version, for `If-None-Match`. It changes whenever the run changes. Appended events do not change it.");
                Add(responses["304"], "ETag", "The run's version.");
                break;
            case "createInputRequest":
                responses["200"].Description = "The tool call already has an input request: that request in its current state.";
                Add(responses["201"], "Location", "The URL of the input request.");
                break;
        }

        static void Add(IOpenApiResponse response, string name, string description) =>
            (((OpenApiResponse)response).Headers ??= new Dictionary<string, IOpenApiHeader>())[name] = ProblemResponses.CreateHeader(description, JsonSchemaType.String);
    }

    // Accepts<T> on the route would describe the same, but would also reject other content types before authentication.
    private static OpenApiRequestBody CreateRequestBody(IOpenApiSchema schema, IReadOnlyDictionary<string, string> examples) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType
            {
                Schema = schema,
                Examples = examples.ToDictionary(example => example.Key, IOpenApiExample (example) => new OpenApiExample { Value = JsonNode.Parse(example.Value) }),
            },
        },
    };

    private static async Task<OpenApiSchemaReference> AddCreateRunSchema(
        OpenApiOperationTransformerContext context, OpenApiDocument document, CancellationToken cancellationToken)
    {
        var kinds = new Dictionary<string, OpenApiSchemaReference>
        {
            [RunKinds.Agent] = await AddSchemaComponent(typeof(CreateAgentRunRequest), context, document, cancellationToken),
            [RunKinds.Task] = await AddSchemaComponent(typeof(CreateTaskRunRequest), context, document, cancellationToken),
            [RunKinds.Workflow] = await AddSchemaComponent(typeof(CreateWorkflowRunRequest), context, document, cancellationToken),
            [RunKinds.Eval] = await AddSchemaComponent(typeof(CreateEvalRunRequest), context, document, cancellationToken),
        };
        document.AddComponent(nameof(CreateRunRequest), new OpenApiSchema
        {
            Description = "A run to create, by `kind`. Unknown members are ignored.",
            OneOf = [.. kinds.Values],
            Discriminator = new OpenApiDiscriminator { PropertyName = "kind", Mapping = kinds },
        });
        return new OpenApiSchemaReference(nameof(CreateRunRequest), document);
    }

    private static async Task<OpenApiSchemaReference> AddSchemaComponent(
        Type type, OpenApiOperationTransformerContext context, OpenApiDocument document, CancellationToken cancellationToken)
    {
        document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
        return new OpenApiSchemaReference(type.Name, document);
    }
}
