using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Runs.Client.Http;

namespace Runs.Client;

/// <summary>
/// The schedules of a project, which create runs at times of a cron expression. Get it from
/// <see cref="RunsClient.Schedules"/>. Calls that name no project are about that of the client's options.
/// </summary>
public sealed class Schedules
{
    private readonly ApiTransport _transport;
    private readonly Func<string> _getProject;

    internal Schedules(ApiTransport transport, Func<string> getProject)
    {
        _transport = transport;
        _getProject = getProject;
    }

    /// <summary>
    /// Creates a schedule. The call has no idempotency key: it is retried only if the server says that it did nothing.
    /// </summary>
    /// <exception cref="RunsException">The expression, the time zone or another member is invalid.</exception>
    public async Task<Schedule> Create(NewSchedule schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var call = new ApiRequest(HttpMethod.Post, GetPath()) { Body = schedule, IsIdempotent = false };
        return (await _transport.Send<ScheduleResponse>(call, cancellationToken)).Schedule;
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="RunsException">There is no such schedule (status 404).</exception>
    public async Task<Schedule> Get(string id, CancellationToken cancellationToken = default) =>
        (await _transport.Send<ScheduleResponse>(new ApiRequest(HttpMethod.Get, GetPath(id)), cancellationToken)).Schedule;

    /// <summary>Lists schedules.</summary>
    /// <param name="status"><see cref="ScheduleStatuses"/>; all when null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<IReadOnlyList<Schedule>> List(string? status = null, CancellationToken cancellationToken = default)
    {
        var path = GetPath() + Pages.ToQuery([("status", status)]);
        return (await _transport.Send<SchedulesResponse>(new ApiRequest(HttpMethod.Get, path), cancellationToken)).Schedules;
    }

    /// <summary>Pauses a schedule: it creates no runs, and does not catch up later.</summary>
    public Task<Schedule> Pause(string id, string? reason = null, CancellationToken cancellationToken = default) =>
        Change(id, new ScheduleChange { Status = ScheduleStatuses.Paused, PausedReason = reason }, cancellationToken);

    /// <summary>Resumes a paused schedule, from its next time.</summary>
    public Task<Schedule> Resume(string id, CancellationToken cancellationToken = default) =>
        Change(id, new ScheduleChange { Status = ScheduleStatuses.Active }, cancellationToken);

    /// <summary>Changes the members that <paramref name="change"/> has.</summary>
    /// <exception cref="RunsException">There is no such schedule (status 404), or a member is invalid.</exception>
    public async Task<Schedule> Change(string id, ScheduleChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var call = new ApiRequest(HttpMethod.Patch, GetPath(id)) { Body = change };
        return (await _transport.Send<ScheduleResponse>(call, cancellationToken)).Schedule;
    }

    /// <summary>Deletes a schedule. Its runs are not cancelled. A schedule that does not exist is no error.</summary>
    public async Task Delete(string id, CancellationToken cancellationToken = default)
    {
        try
        {
            await _transport.Send(new ApiRequest(HttpMethod.Delete, GetPath(id)), cancellationToken);
        }
        catch (RunsException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            // Deleted by this call, whose response was lost, or by an earlier one.
        }
    }

    /// <summary>Computes the next times of a schedule.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="count">The number of times: 1-100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ScheduleFires> Fires(string id, int count = 10, CancellationToken cancellationToken = default)
    {
        var query = Pages.ToQuery([("count", count.ToString(CultureInfo.InvariantCulture))]);
        return _transport.Send<ScheduleFires>(new ApiRequest(HttpMethod.Get, GetPath(id, $"/fires{query}")), cancellationToken);
    }

    /// <summary>Computes the times of an expression, without a schedule.</summary>
    /// <param name="expression">Five fields of cron, or a name such as <c>@daily</c>.</param>
    /// <param name="timeZone">An IANA name, such as <c>Europe/Berlin</c>.</param>
    /// <param name="after">The time after which the first one is; now when null.</param>
    /// <param name="count">The number of times: 1-100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ScheduleFires> Preview(
        string expression,
        string timeZone = "UTC",
        DateTimeOffset? after = null,
        int count = 10,
        CancellationToken cancellationToken = default) => _transport.Send<ScheduleFires>(
            new ApiRequest(HttpMethod.Post, $"{GetPath()}/preview") { Body = new PreviewBody(expression, timeZone, after, count) },
            cancellationToken);

    /// <summary>Creates a run of a schedule now, besides its times.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="name">The name of the run, or null.</param>
    /// <param name="idempotencyKey">
    /// Calls with the same key create one run. The client generates a key when null, so that its retries create one.
    /// </param>
    /// <param name="cancellationToken">Cancels the call; the run may exist nevertheless.</param>
    public Task<ScheduleRun> RunNow(
        string id, string? name = null, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _transport.Send<ScheduleRun>(
            new ApiRequest(HttpMethod.Post, GetPath(id, "/runs"))
            {
                Body = new RunNowBody(name, idempotencyKey ?? $"schedule-run:{RandomNumberGenerator.GetHexString(32, lowercase: true)}"),
            },
            cancellationToken);

    private string GetPath() => $"/projects/{Uri.EscapeDataString(_getProject())}/schedules";

    private string GetPath(string id, string rest = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return $"{GetPath()}/{Uri.EscapeDataString(id)}{rest}";
    }
}
