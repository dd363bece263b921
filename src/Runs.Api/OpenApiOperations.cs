using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>What each route is for, in words and examples, and what it reads by hand: bodies, queries and headers.</summary>
internal sealed class OpenApiOperations : IOpenApiOperationTransformer
{
    private static readonly Dictionary<string, Operation> All = new()
    {
        ["createRun"] = new(
            "Create a run",
            """
            Accepts a run and answers once it is stored. Repeating the call with the same `public_id` is safe: it creates nothing, says `duplicate`, and
            answers with the run that is there, even if the request differs, unless strict handling is preferred. The one exception is an agent run that
            was created `pending` without input: a second create gives it its input and starts it.
            """,
            "The run is stored.", OpenApiExamples.Created, [400, 404, 409, 413, 415, 503, 504]),
        ["getRun"] = new("Read a run", "A run can be read as soon as its create was answered.", "The run.", OpenApiExamples.Run, [404, 503]),
        ["listChildren"] = new("List a run's children", "The runs created with this run as their parent, newest first.", "One page.",
            OpenApiExamples.EmptyPage, [400, 404, 503]),
        ["cancelRun"] = new(
            "Cancel a run", "Calls the run off, and its descendants after it. Safe to repeat. A body is not looked at.",
            "The run has ended, by this call or before.", OpenApiExamples.Cancelled, [404, 503, 504]),
        ["completeRun"] = new(
            "End a run",
            "Tells the outcome of a run, whoever executed it. The first outcome stands; asking again for the same one is answered alike, any other changes nothing.",
            "The run has ended, as asked or otherwise before.", OpenApiExamples.Completed, [400, 404, 413, 415, 503, 504]),
        ["listProjectRuns"] = new("List a project's runs", "The runs that belong to the project, newest first.", "One page.",
            OpenApiExamples.Page(OpenApiExamples.Run), [400, 404, 503]),
        ["listConversationRuns"] = new("List a conversation's runs", "The agent runs that live in the conversation, newest first.", "One page.",
            OpenApiExamples.Page(OpenApiExamples.ConversationRun), [400, 404, 503]),
        ["getConversationRun"] = new("Read a conversation's run", "The run as its conversation shows it, as soon as its create was answered.", "The run.",
            OpenApiExamples.ConversationRun, [404, 503]),
    };

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var words = All[operation.OperationId!];
        (operation.Summary, operation.Description) = (words.Summary, words.Description.ReplaceLineEndings(" "));
        var success = (OpenApiResponse)operation.Responses!.Values.Single();
        success.Description = words.Success;
        success.Content!["application/json"].Example = JsonNode.Parse(words.Example);
        foreach (var status in words.Problems.Concat([401, 403]).Order())
        {
            operation.Responses[$"{status}"] = new OpenApiResponseReference(OpenApiProblems.NameOf(status), document);
        }

        OpenApiParameters.Describe(operation);
        if (operation.OperationId == "createRun")
        {
            success.Headers = OpenApiProblems.Header("Server-Timing", "Where the time went: `queue`, `saga`, `store` and `total`, in milliseconds.", JsonSchemaType.String);
            success.Headers["Location"] = new OpenApiHeader { Description = "The run's address.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            operation.RequestBody = Body(await CreateRunSchema(context, document, cancellationToken), OpenApiExamples.Creates);
        }
        else if (operation.OperationId == "completeRun")
        {
            operation.RequestBody = Body(await Reference(typeof(CompleteRunRequest)), OpenApiExamples.Completes);
        }

        async Task<OpenApiSchemaReference> Reference(Type type) => await Component(type, context, document, cancellationToken);
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

    private sealed record Operation(string Summary, string Description, string Success, string Example, int[] Problems);
}
