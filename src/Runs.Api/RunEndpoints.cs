using Runs.Api.Events;
using Runs.Api.InputRequests;
using Runs.Api.RateLimiting;

namespace Runs.Api;

/// <summary>The HTTP API: its table of contents.</summary>
public static class RunEndpoints
{
    /// <summary>Maps every route. All of them need a credential with a tenant.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("").RequireAuthorization();

        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapPost("", CreateRunEndpoint.Handle).WithName("createRun").WithMetadata(RatePolicy.Creates);
        runs.MapGet("{run_id}", GetRunEndpoint.Handle).WithName("getRun");
        runs.MapGet("{run_id}/children", ListRunsEndpoint.OfParent).WithName("listChildren");
        runs.MapPost("{run_id}/cancel", CancelRunEndpoint.Handle).WithName("cancelRun");
        runs.MapPost("{run_id}/complete", CompleteRunEndpoint.Handle).WithName("completeRun");
        runs.MapPost("{run_id}/wait", WaitRunEndpoint.Handle).WithName("waitRun");
        runs.MapPost("{run_id}/resume", ResumeRunEndpoint.Handle).WithName("resumeRun");
        runs.MapGet("{run_id}/events", ListEventsEndpoint.Handle).WithName("listEvents");
        runs.MapPost("{run_id}/events", AppendEventsEndpoint.Handle).WithName("appendEvents").WithMetadata(RatePolicy.Appends);
        runs.MapGet("{run_id}/stream", StreamEventsEndpoint.Handle).WithName("streamEvents");

        api.MapGet("/projects/{project_reference}/runs", ListRunsEndpoint.OfProject).WithTags("Runs").WithName("listProjectRuns");

        var conversations = api.MapGroup("/conversations/{conversation_id}/runs").WithTags("Conversation runs");
        conversations.MapGet("", ListRunsEndpoint.OfConversation).WithName("listConversationRuns");
        conversations.MapGet("children-by-parent-conversation", ListRunsEndpoint.SpawnedByConversation).WithName("listSpawnedRuns");
        conversations.MapGet("{run_id}", GetRunEndpoint.InConversation).WithName("getConversationRun");
        conversations.MapGet("{run_id}/children", ListRunsEndpoint.OfParentInConversation).WithName("listConversationRunChildren");
        conversations.MapGet("{run_id}/events", ListEventsEndpoint.InConversation).WithName("listConversationEvents");
        conversations.MapPost("{run_id}/events", AppendEventsEndpoint.InConversation).WithName("appendConversationEvents").WithMetadata(RatePolicy.Appends);
        conversations.MapGet("{run_id}/stream", StreamEventsEndpoint.InConversation).WithName("streamConversationEvents");
        conversations.MapGet("{run_id}/snapshot", SnapshotEndpoint.Handle).WithName("getConversationSnapshot");

        var inputs = api.MapGroup("/conversations/{conversation_id}/input-requests").WithTags("Input requests");
        inputs.MapPost("", CreateInputRequestEndpoint.Handle).WithName("createInputRequest");
        inputs.MapGet("", ListInputRequestsEndpoint.Handle).WithName("listInputRequests");
        inputs.MapGet("{input_request_id}", ListInputRequestsEndpoint.One).WithName("getInputRequest");
        inputs.MapPost("{input_request_id}/responses", AnswerInputRequestEndpoint.Respond).WithName("respondToInputRequest");
        inputs.MapPost("{input_request_id}/cancel", AnswerInputRequestEndpoint.Cancel).WithName("cancelInputRequest");
    }
}
