using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The command that closes an input request and resumes its run.</summary>
internal static class InputRequestCommands
{
    /// <summary>Creates the command. The responder is the caller, not the requested responder type.</summary>
    public static ResumeRun Create(RunInputRequest found, Caller caller) => new()
    {
        Tenant = found.Run.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = found.Run.RunId,
        ToolCallId = found.Request.ToolCallId,
        Responder = new InputResponder { ActorType = caller.ActorType, ActorId = caller.UserId },
    };

    /// <summary>Sends the command and returns the closed input request.</summary>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Send(
        ResumeRun command,
        Guid inputRequestId,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        CancellationToken cancellationToken)
    {
        var reply = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        var run = await store.FindAfterWrite(RunIds.ForRun(caller.Tenant, command.RunId), cancellationToken);
        return TypedResults.Ok(InputRequestResource.From(RunInputRequest.Find(run, inputRequestId)!));
    }
}
