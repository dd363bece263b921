using System.Diagnostics;
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
    /// <summary>The header that asks to reject a repeat with another request.</summary>
    public static HeaderParameter Prefer { get; } = new(
        "Prefer",
        "`handling=strict` (RFC 7240) rejects a repeat whose request differs from the stored one, and lists the differing members. "
        + "Other preferences are ignored.",
        "handling=strict");

    /// <summary>Create a run</summary>
    /// <remarks>
    /// Accepts a run and responds after it is durably stored. A repeat with the same <c>public_id</c> is safe: it
    /// creates nothing, sets <c>duplicate</c>, and returns the existing run, even if the request differs, unless strict
    /// handling is preferred. The one exception is an agent run that was created <c>pending</c> without input: a second
    /// create provides its input. Then the run may be executed, or after its delay.
    /// </remarks>
    /// <response code="202">The run is stored.</response>
    public static async Task<Results<Accepted<CreateRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        Caller caller,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        IRunStore store,
        RequestLimits limits,
        ApiMetrics metrics,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var generatedId = $"run_{Guid.CreateVersion7(clock.GetUtcNow())}";
        var parsed = await bodyReader.Read(
            http.Request, body => CreateRunBodyParser.Parse(body, caller.Tenant, generatedId), cancellationToken);
        if (!parsed.IsSuccess)
        {
            return parsed.Problem;
        }

        var command = parsed.Value;
        AuditLogMiddleware.SetRunId(http, command.RunId);
        if (await CheckOwnerAndParent(command, caller, store, limits, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        var hasGeneratedId = command.RunId == generatedId;
        var reply = await client.Send(
            command with
            {
                CreatedBy = caller.UserId,
                Actor = caller.Actor,
                TraceId = caller.TraceId,
                TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } span ? span.Id : null,
                Strict = PreferHeader.HasStrictHandling(http.Request),
                // A retry without public_id creates another run.
                ExpiresAt = hasGeneratedId ? clock.GetUtcNow() + client.ReplyTimeout : null,
            },
            caller.Tenant,
            command.RunId,
            cancellationToken);
        RequestSpan.DescribeCreate(command, reply);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        metrics.RecordCreate(reply.Value);
        var accepted = reply.Value.Snapshot;
        http.Response.Headers["Server-Timing"] = reply.Value.GetServerTiming();
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

        var parent = await limits.Read(
            caller.Tenant,
            () => new RunRoute(parentId).FindBeforeWrite(store, caller, cancellationToken),
            Problems.ParentNotFound);
        return parent.Problem;
    }
}
