using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Telemetry;

/// <summary>Describes the span of a request, which ASP.NET Core starts when traces are exported.</summary>
internal static class RequestSpan
{
    /// <summary>Middleware that adds the tenant and the run of a request.</summary>
    public static async Task Describe(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
        {
            span.SetTag(TelemetryAttributes.SpanTenant, http.User.FindFirstValue(Caller.TenantClaim));
            span.SetTag(TelemetryAttributes.SpanRunId, http.Features.Get<AuditedCall>()?.RunId);
        }
    }

    /// <summary>Adds the kind of a run and the outcome of its create.</summary>
    public static void DescribeCreate(CreateRun command, Result<CommandReply> reply)
    {
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag(TelemetryAttributes.SpanKind, command.Kind);
            span.SetTag(
                TelemetryAttributes.SpanOutcome,
                reply.IsSuccess ? reply.Value.Snapshot.Changed ? "new" : "duplicate" : reply.Problem.ProblemDetails.Extensions["code"]);
        }
    }
}
