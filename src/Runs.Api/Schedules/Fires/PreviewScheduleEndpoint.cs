using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// <c>POST /projects/{project_reference}/schedules/preview</c>: shows when an expression would fire. Does not use the
/// store.
/// </summary>
internal static class PreviewScheduleEndpoint
{
    private const int DefaultCount = 10;

    /// <summary>Preview an expression</summary>
    /// <remarks>
    /// Shows when an expression fires, with notes on times that do not exist or occur twice because the clock changes.
    /// Creates nothing.
    /// </remarks>
    /// <response code="200">The fires.</response>
    public static async Task<Results<Ok<FiresResponse>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] ProjectRoute route,
        Caller caller,
        JsonBodyReader bodyReader,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || !caller.CanUseProject(project))
        {
            return Problems.ProjectNotFound();
        }

        var forecast = await bodyReader.Read(request, body => Forecast(body, clock.GetUtcNow()), cancellationToken);
        return forecast.IsSuccess ? TypedResults.Ok(FiresResponse.From(forecast.Value)) : forecast.Problem;
    }

    private static Result<ScheduleForecast> Forecast(JsonElement body, DateTimeOffset now)
    {
        var errors = new List<ValidationError>();
        var fields = new JsonObjectReader(body, "", errors);
        var expression = fields.GetRequiredSingleLine(ScheduleDefinitionReader.CronName, FieldLimits.MaxCronLength);
        var timezone = fields.GetSingleLine("timezone", FieldLimits.MaxTimezoneLength) ?? "UTC";
        var after = fields.GetTimestamp("after") ?? now;
        var count = (int?)fields.GetInteger("count", 1, FieldLimits.MaxFires) ?? DefaultCount;
        var cron = expression is null ? null : ScheduleDefinitionReader.ReadCron(fields, expression, timezone);
        return errors.Count > 0
            ? Problems.ValidationFailed(errors)
            : ScheduleForecast.Create(cron!, expression!, cron!.GetAll(after), count);
    }
}
