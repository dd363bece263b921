namespace Runs.Api;

/// <summary>The HTTP API: its table of contents.</summary>
public static class RunEndpoints
{
    /// <summary>Maps every route. All of them need a credential with a tenant.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("").RequireAuthorization();

        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapPost("", CreateRunEndpoint.Handle).WithName("createRun");
        runs.MapGet("{run_id}", GetRunEndpoint.Handle).WithName("getRun");
        runs.MapGet("{run_id}/children", ListRunsEndpoint.OfParent).WithName("listChildren");
        runs.MapPost("{run_id}/cancel", CancelRunEndpoint.Handle).WithName("cancelRun");
        runs.MapPost("{run_id}/complete", CompleteRunEndpoint.Handle).WithName("completeRun");

        api.MapGet("/projects/{project_reference}/runs", ListRunsEndpoint.OfProject).WithTags("Runs").WithName("listProjectRuns");

        var conversations = api.MapGroup("/conversations/{conversation_id}/runs").WithTags("Conversation runs");
        conversations.MapGet("", ListRunsEndpoint.OfConversation).WithName("listConversationRuns");
        conversations.MapGet("{run_id}", GetRunEndpoint.InConversation).WithName("getConversationRun");
    }
}
