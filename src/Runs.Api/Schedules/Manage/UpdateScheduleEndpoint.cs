using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary><c>PATCH /projects/{project_reference}/schedules/{schedule_id}</c>: changes a schedule.</summary>
internal static class UpdateScheduleEndpoint
{
    /// <summary>Change a schedule</summary>
    /// <remarks>
    /// Changes the given members of the definition, pauses the schedule or resumes it. After a new expression or time
    /// zone, and after a pause, the next fire is the first one from now. A fire that has begun is finished. A repeat
    /// changes nothing more.
    /// </remarks>
    /// <response code="200">The changed schedule.</response>
    public static async Task<Results<Ok<ScheduleResource>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] ScheduleRoute route,
        Caller caller,
        IScheduleStore store,
        ScheduleWriter writer,
        JsonBodyReader bodyReader,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var read = await bodyReader.Read(http.Request, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        using var body = read.Value;
        if (FindMemberErrors(body.RootElement, caller, clock.GetUtcNow()) is { Count: > 0 } errors)
        {
            return Problems.ValidationFailed(errors);
        }

        var changed = await writer.Change(
            () => route.Find(store, caller, options.Value, cancellationToken),
            (current, now) => ScheduleUpdate.Apply(body.RootElement, current, now),
            cancellationToken);
        return changed.IsSuccess ? TypedResults.Ok(ScheduleResource.From(changed.Value)) : changed.Problem;
    }

    // As for the other calls, an invalid body gets 400 whether or not the schedule exists.
    private static List<ValidationError> FindMemberErrors(JsonElement body, Caller caller, DateTimeOffset now)
    {
        var errors = new List<ValidationError>();
        var fields = new JsonObjectReader(body, "", errors);
        ScheduleUpdate.ReadMembers(fields, caller, now);
        return errors;
    }
}
