using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.Http;
using Runs.Api.RateLimiting;
using Runs.Api.Security;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>
/// <c>POST /runs</c>: accepts a run. The answer, 202, comes once the run is stored for good, and is the same however often it is asked for; its
/// <c>Server-Timing</c> header shows the hops.
/// </summary>
internal static class CreateRunEndpoint
{
    public static async Task<Results<Accepted<CreateRunResource>, ProblemHttpResult>> Handle(
        HttpContext http, Caller caller, RunCommands lifecycle, IRunStore store, RequestLimits limits, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.Read(http.Request, cancellationToken);
        if (body is null)
        {
            return unreadable!;
        }

        var anonymousId = $"run_{Guid.CreateVersion7(clock.GetUtcNow())}";
        var (command, errors) = Read(body, caller, anonymousId);
        if (command is null)
        {
            return Problems.Invalid(errors);
        }

        AuditLog.SetRun(http, command.RunId);
        if (await Forbidden(command, caller, store, limits, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        var isAnonymous = command.RunId == anonymousId;
        var result = await lifecycle.Send(
            command with
            {
                CreatedBy = caller.UserId,
                Actor = caller.Actor,
                TraceId = caller.TraceId,
                Strict = Preferences.StrictHandling(http.Request),
                ExpiresAt = isAnonymous ? clock.GetUtcNow() + lifecycle.ReplyTimeout : null, // a retry without a key is another run
            },
            caller.Tenant, command.RunId, cancellationToken);
        if (result.Run is not { } accepted)
        {
            return result.Problem!;
        }

        http.Response.Headers["Server-Timing"] = result.ServerTiming;
        return TypedResults.Accepted(http.Request.Link($"/runs/{accepted.Run.RunId}"), CreateRunResource.From(accepted));
    }

    // The lifecycle knows tenants and not credentials, and would let a run join any tree of the tenant.
    private static async Task<ProblemHttpResult?> Forbidden(
        CreateRun command, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken)
    {
        if (!caller.MayMakeFor(command.Owner))
        {
            return Problems.ProjectForbidden();
        }

        if (caller.Projects is null || command.ParentRunId is not { } parentId)
        {
            return null;
        }

        var (parent, problem) = await limits.Read(caller.Tenant, () => new RunPath(parentId).FindBeforeWrite(store, caller, cancellationToken));
        return problem ?? (parent is null ? Problems.ParentNotFound() : null);
    }

    private static (CreateRun? Command, IReadOnlyList<InvalidMember> Errors) Read(System.Text.Json.JsonDocument body, Caller caller, string anonymousId)
    {
        using (body)
        {
            var (command, _, errors) = CreateRunBody.Read(body.RootElement, caller.Tenant, anonymousId);
            return (command, errors);
        }
    }
}

/// <summary>The answer to a create.</summary>
public sealed record CreateRunResource : IRunAnswer
{
    /// <summary>Always true: what is not accepted is a problem.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The run as it is now; for a duplicate, the one that was there.</summary>
    public required RunResource Run { get; init; }

    /// <summary>True when this call created nothing, because the run existed.</summary>
    public required bool Duplicate { get; init; }

    /// <summary>A UUID: the conversation that the run lives in, or null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>A UUID: the assistant message that the run writes, or null.</summary>
    public string? MessageId { get; init; }

    internal static CreateRunResource From(RunSnapshot snapshot) => new()
    {
        Accepted = true,
        Run = snapshot.Run,
        Duplicate = !snapshot.Changed,
        ConversationId = snapshot.ConversationId,
        MessageId = snapshot.MessageId,
    };
}
