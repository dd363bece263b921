using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>What each route is for, in words and examples, and what it reads and answers by hand: bodies, queries, headers and problems.</summary>
internal sealed class OpenApiOperations : IOpenApiOperationTransformer
{
    private static readonly Dictionary<string, OpenApiOperationWords> All =
        new([.. OpenApiRunOperations.All, .. OpenApiEventOperations.All, .. OpenApiWaitOperations.All]);

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var words = All[operation.OperationId!];
        operation.Summary = words.Summary;
        operation.Description = string.Join("\n\n", words.Description.Split("\n\n").Select(paragraph => paragraph.ReplaceLineEndings(" ")));
        foreach (var success in operation.Responses!.Values.Cast<OpenApiResponse>())
        {
            success.Description = words.Success;
            foreach (var (type, content) in success.Content!)
            {
                content.Example = type == "application/json" ? JsonNode.Parse(words.Example) : words.Example;
            }
        }

        AddHeaders(operation);
        foreach (var status in words.Problems.Concat(words.Body is null ? [401, 403, 429] : [401, 403, 408, 429]).Order())
        {
            operation.Responses[$"{status}"] = new OpenApiResponseReference(OpenApiProblems.NameOf(status, operation.OperationId!), document);
        }

        OpenApiParameters.Describe(operation);
        Secure(operation, context, document);
        if (words.Body is { } body)
        {
            operation.RequestBody = Body(
                body == typeof(CreateRunRequest)
                    ? await CreateRunSchema(context, document, cancellationToken)
                    : await Component(body, context, document, cancellationToken),
                words.Bodies);
        }
    }

    // The scopes are those of the route's authorization policies.
    private static void Secure(OpenApiOperation operation, OpenApiOperationTransformerContext context, OpenApiDocument document)
    {
        var scopes = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Select(authorize => authorize.Policy!).ToList();
        operation.Description += $"\n\nNeeds the scope {string.Join(" or ", scopes.Select(scope => $"`{scope}`"))}.";
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(JwtBearerDefaults.AuthenticationScheme, document)] = scopes },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthentication.SchemeName, document)] = scopes },
        ];
    }

    // What answers say beside their body, and those that have none.
    private static void AddHeaders(OpenApiOperation operation)
    {
        var answers = operation.Responses!;
        switch (operation.OperationId)
        {
            case "createRun":
                Add(answers["202"], "Server-Timing", "Where the time went: `queue`, `saga`, `store` and `total`, in milliseconds.");
                Add(answers["202"], "Location", "The run's address.");
                break;
            case "getRun":
                answers["304"] = new OpenApiResponse { Description = "The run is still as the caller knows it." };
                Add(answers["200"], "ETag", "What the run is now, for `If-None-Match`: another one whenever the run changes. Events that are appended do not change it.");
                Add(answers["304"], "ETag", "As it was sent.");
                break;
            case "createInputRequest":
                answers["200"].Description = "This tool call has asked before: the first request, as it is now.";
                Add(answers["201"], "Location", "The request's address.");
                break;
        }

        static void Add(IOpenApiResponse answer, string name, string description) =>
            (((OpenApiResponse)answer).Headers ??= new Dictionary<string, IOpenApiHeader>())[name] = OpenApiProblems.Header(description, JsonSchemaType.String);
    }

    // Accepts<T> on the route would say as much, but also refuse other content types before the caller is known.
    private static OpenApiRequestBody Body(IOpenApiSchema schema, IReadOnlyDictionary<string, string> examples) => new()
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

    private static async Task<OpenApiSchemaReference> CreateRunSchema(
        OpenApiOperationTransformerContext context, OpenApiDocument document, CancellationToken cancellationToken)
    {
        var kinds = new Dictionary<string, OpenApiSchemaReference>
        {
            [RunKinds.Agent] = await Component(typeof(CreateAgentRunRequest), context, document, cancellationToken),
            [RunKinds.Task] = await Component(typeof(CreateTaskRunRequest), context, document, cancellationToken),
            [RunKinds.Workflow] = await Component(typeof(CreateWorkflowRunRequest), context, document, cancellationToken),
            [RunKinds.Eval] = await Component(typeof(CreateEvalRunRequest), context, document, cancellationToken),
        };
        document.AddComponent(nameof(CreateRunRequest), new OpenApiSchema
        {
            Description = "A run to create, by `kind`. Members that are not described are ignored.",
            OneOf = [.. kinds.Values],
            Discriminator = new OpenApiDiscriminator { PropertyName = "kind", Mapping = kinds },
        });
        return new OpenApiSchemaReference(nameof(CreateRunRequest), document);
    }

    private static async Task<OpenApiSchemaReference> Component(
        Type type, OpenApiOperationTransformerContext context, OpenApiDocument document, CancellationToken cancellationToken)
    {
        document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
        return new OpenApiSchemaReference(type.Name, document);
    }
}
