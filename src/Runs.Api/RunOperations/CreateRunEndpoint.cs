using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs</c>: accepts a run. Responds 202 after the run is durably stored, also to every repeat. The
/// <c>Server-Timing</c> header shows the duration of each hop.
/// </summary>
internal static class CreateRunEndpoint
{
    public static async Task<Results<Accepted<CreateRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, Caller caller, RunCommandClient client, IRunStore store, RequestLimits limits, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBodyReader.Read(http.Request, cancellationToken);
        if (body is null)
        {
            return unreadable!;
        }

        var anonymousId = $"run_{Guid.CreateVersion7(clock.GetUtcNow())}";
        var (command, errors) = ParseBody(body, caller, anonymousId);
        if (command is null)
        {
            return Problems.ValidationFailed(errors);
        }

        AuditLogMiddleware.SetRunId(http, command.RunId);
        if (await CheckOwnerAndParent(command, caller, store, limits, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        var isAnonymous = command.RunId == anonymousId;
        var result = await client.Send(
            command with
            {
                CreatedBy = caller.UserId,
                Actor = caller.Actor,
                TraceId = caller.TraceId,
                Strict = PreferHeader.HasStrictHandling(http.Request),
                ExpiresAt = isAnonymous ? clock.GetUtcNow() + client.ReplyTimeout : null, // a retry without public_id creates another run
            },
            caller.Tenant, command.RunId, cancellationToken);
        if (result.Snapshot is not { } accepted)
        {
            return result.Problem!;
        }

        http.Response.Headers["Server-Timing"] = result.ServerTiming;
        return TypedResults.Accepted(http.Request.BuildLink($"/runs/{accepted.Run.RunId}"), CreateRunResponse.From(accepted));
    }

    // The lifecycle checks tenants, not credentials, and would let a run join any tree of the tenant.
    private static async Task<ProblemHttpResult?> CheckOwnerAndParent(
        CreateRun command, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken)
    {
        if (!caller.CanCreateRunFor(command.Owner))
        {
            return Problems.ProjectForbidden();
        }

        if (caller.Projects is null || command.ParentRunId is not { } parentId)
        {
            return null;
        }

        var (parent, problem) = await limits.Read(caller.Tenant, () => new RunRoute(parentId).FindBeforeWrite(store, caller, cancellationToken));
        return problem ?? (parent is null ? Problems.ParentNotFound() : null);
    }

    private static (CreateRun? Command, IReadOnlyList<ValidationError> Errors) ParseBody(System.Text.Json.JsonDocument body, Caller caller, string generatedRunId)
    {
        using (body)
        {
            var (command, _, errors) = CreateRunBodyParser.Parse(body.RootElement, caller.Tenant, generatedRunId);
            return (command, errors);
        }
    }
}

/// <summary>The response to a create.</summary>
public sealed record CreateRunResponse : IRunResponse
{
    /// <summary>Always true: a rejection is a problem.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The current run; for a duplicate, the existing one.</summary>
    public required RunResource Run { get; init; }

    /// <summary>True when this call created nothing, because the run already existed.</summary>
    public required bool Duplicate { get; init; }

    /// <summary>The conversation that the run belongs to, a UUID, or null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes, a UUID, or null.</summary>
    public string? MessageId { get; init; }

    internal static CreateRunResponse From(RunSnapshot snapshot) => new()
    {
        Accepted = true,
        Run = snapshot.Run,
        Duplicate = !snapshot.Changed,
        ConversationId = snapshot.ConversationId,
        MessageId = snapshot.MessageId,
    };
}
