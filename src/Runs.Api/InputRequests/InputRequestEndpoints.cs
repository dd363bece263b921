using Runs.Api.OpenApi.Metadata;

namespace Runs.Api.InputRequests;

/// <summary>The routes of input requests.</summary>
internal static class InputRequestEndpoints
{
    /// <summary>Maps the routes below a run.</summary>
    public static void MapInputRequests(this RouteGroupBuilder inputRequests)
    {
        inputRequests.MapPost("", CreateInputRequestEndpoint.Handle)
            .WithName("createRunInputRequest")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .RestrictToProjects()
            .ReadsBody<CreateRunInputRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the input request.")
            .ProducesProblems(ProblemResponses.WaitRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapGet("", ListInputRequestsEndpoint.Handle)
            .WithName("listRunInputRequests")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(ListInputRequestsEndpoint.Cursor, PageRequest.LimitParameter, ListInputRequestsEndpoint.Status);
        inputRequests.MapGet("{input_request_id}", GetInputRequestEndpoint.Handle)
            .WithName("getRunInputRequest")
            .RequireScope(Scopes.Read)
            .LimitReads();
        inputRequests.MapPost("{input_request_id}/responses", RespondToInputRequestEndpoint.Handle)
            .WithName("respondToRunInputRequest")
            .RequireScope(Scopes.Answer)
            .ReadsBody<RespondToInputRequest>()
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapPost("{input_request_id}/cancel", CancelInputRequestEndpoint.Handle)
            .WithName("cancelRunInputRequest")
            .RequireScope(Scopes.Answer)
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
    }

    /// <summary>Maps the routes below a conversation.</summary>
    public static void MapConversationInputRequests(this RouteGroupBuilder inputRequests)
    {
        inputRequests.MapPost("", CreateInputRequestEndpoint.HandleInConversation)
            .WithName("createInputRequest")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .ReadsBody<CreateInputRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the input request.")
            .ProducesProblems(ProblemResponses.WaitRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapGet("", ListInputRequestsEndpoint.HandleInConversation)
            .WithName("listInputRequests")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                ListInputRequestsEndpoint.Cursor,
                PageRequest.LimitParameter,
                ListInputRequestsEndpoint.RunId,
                ListInputRequestsEndpoint.Status);
        inputRequests.MapGet("{input_request_id}", GetInputRequestEndpoint.HandleInConversation)
            .WithName("getInputRequest")
            .RequireScope(Scopes.Read)
            .LimitReads();
        inputRequests.MapPost("{input_request_id}/responses", RespondToInputRequestEndpoint.HandleInConversation)
            .WithName("respondToInputRequest")
            .RequireScope(Scopes.Answer)
            .ReadsBody<RespondToInputRequest>()
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapPost("{input_request_id}/cancel", CancelInputRequestEndpoint.HandleInConversation)
            .WithName("cancelInputRequest")
            .RequireScope(Scopes.Answer)
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
    }
}
