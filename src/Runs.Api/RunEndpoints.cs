
namespace Runs.Api;

/// <summary>The route table of the HTTP API.</summary>
public static class RunEndpoints
{
    /// <summary>Maps every route with the scope that it requires.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/runs").WithTags("Runs");
        runs.MapPost("", CreateRunEndpoint.Handle).WithName("createRun").RequireScope(Scopes.Write).WithMetadata(RatePolicy.Creates).LimitResponseMemory();
        runs.MapGet("{run_id}", GetRunEndpoint.Handle).WithName("getRun").RequireScope(Scopes.Read);
        runs.MapGet("{run_id}/children", ListRunsEndpoint.ListChildren).WithName("listChildren").RequireScope(Scopes.Read).LimitReads();
        runs.MapPost("{run_id}/cancel", CancelRunEndpoint.Handle).WithName("cancelRun").RequireScope(Scopes.Write).RestrictToProjects().LimitResponseMemory();
        runs.MapPost("{run_id}/complete", CompleteRunEndpoint.Handle).WithName("completeRun").RequireScope(Scopes.Execute).RestrictToProjects().LimitResponseMemory();
        runs.MapPost("{run_id}/wait", WaitRunEndpoint.Handle).WithName("waitRun").RequireScope(Scopes.Execute).RestrictToProjects().LimitResponseMemory();
        runs.MapPost("{run_id}/resume", ResumeRunEndpoint.Handle).WithName("resumeRun").RequireScope(Scopes.Write).RestrictToProjects();
        runs.MapGet("{run_id}/events", ListEventsEndpoint.Handle).WithName("listEvents").RequireScope(Scopes.Read).LimitReads();
        runs.MapPost("{run_id}/events", AppendEventsEndpoint.Handle).WithName("appendEvents").RequireScope(Scopes.Execute).RestrictToProjects().WithMetadata(RatePolicy.Appends);
        runs.MapGet("{run_id}/stream", StreamEventsEndpoint.Handle).WithName("streamEvents").RequireScope(Scopes.Read);

        app.MapGet("/projects/{project_reference}/runs", ListRunsEndpoint.ListByProject).WithTags("Runs").WithName("listProjectRuns").RequireScope(Scopes.Read).LimitReads();

        var conversations = app.MapGroup("/conversations/{conversation_id}/runs").WithTags("Conversation runs");
        conversations.MapGet("", ListRunsEndpoint.ListByConversation).WithName("listConversationRuns").RequireScope(Scopes.Read).LimitReads();
        conversations.MapGet("children-by-parent-conversation", ListRunsEndpoint.ListSpawnedByConversation).WithName("listSpawnedRuns").RequireScope(Scopes.Read).LimitReads();
        conversations.MapGet("{run_id}", GetRunEndpoint.HandleInConversation).WithName("getConversationRun").RequireScope(Scopes.Read).LimitReads();
        conversations.MapGet("{run_id}/children", ListRunsEndpoint.ListChildrenInConversation).WithName("listConversationRunChildren").RequireScope(Scopes.Read).LimitReads();
        conversations.MapGet("{run_id}/events", ListEventsEndpoint.HandleInConversation).WithName("listConversationEvents").RequireScope(Scopes.Read).LimitReads();
        conversations.MapPost("{run_id}/events", AppendEventsEndpoint.HandleInConversation).WithName("appendConversationEvents").RequireScope(Scopes.Execute).RestrictToProjects().WithMetadata(RatePolicy.Appends);
        conversations.MapGet("{run_id}/stream", StreamEventsEndpoint.HandleInConversation).WithName("streamConversationEvents").RequireScope(Scopes.Read);
        conversations.MapGet("{run_id}/snapshot", LogSnapshotEndpoint.Handle).WithName("getConversationSnapshot").RequireScope(Scopes.Read);

        var inputs = app.MapGroup("/conversations/{conversation_id}/input-requests").WithTags("Input requests");
        inputs.MapPost("", CreateInputRequestEndpoint.Handle).WithName("createInputRequest").RequireScope(Scopes.Execute);
        inputs.MapGet("", ListInputRequestsEndpoint.Handle).WithName("listInputRequests").RequireScope(Scopes.Read).LimitReads();
        inputs.MapGet("{input_request_id}", ListInputRequestsEndpoint.HandleSingle).WithName("getInputRequest").RequireScope(Scopes.Read).LimitReads();
        inputs.MapPost("{input_request_id}/responses", RespondToInputRequestEndpoint.Respond).WithName("respondToInputRequest").RequireScope(Scopes.Answer);
        inputs.MapPost("{input_request_id}/cancel", RespondToInputRequestEndpoint.Cancel).WithName("cancelInputRequest").RequireScope(Scopes.Answer);
    }
}
