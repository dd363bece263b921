using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;

namespace Runs.Samples.MassTransitWorker;

/// <summary>
/// The calls of an executor to the HTTP API. A call that the API rejects throws <see cref="RunsApiException"/>.
/// </summary>
internal sealed class RunsApi(WorkerSettings settings) : IDisposable
{
    /// <summary>The depth of JSON: user JSON has up to 64 levels, inside a run or a message.</summary>
    public const int MaxJsonDepth = 128;

    private const int MaxEventsPerAppend = 24; // the API accepts 100

    private static readonly JsonSerializerOptions SerializerOptions = new() { MaxDepth = MaxJsonDepth };

    private readonly HttpClient _http = new()
    {
        BaseAddress = settings.Api,
        Timeout = TimeSpan.FromSeconds(15),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", settings.ApiKey) },
    };

    public Task<RunResource> GetRun(string runId, CancellationToken cancellationToken) =>
        Get<RunResource>($"/runs/{runId}", cancellationToken);

    /// <summary>
    /// The end of the log, which the run of a conversation shows. For other runs it is the beginning: all events are
    /// appended again from there, and the API recognizes those that the log already has.
    /// </summary>
    public Task<LogEnd> GetLogEnd(RunResource run, CancellationToken cancellationToken) =>
        run.Owner.Kind == OwnerKinds.Conversation ? Get<LogEnd>(GetPath(run), cancellationToken) : Task.FromResult(new LogEnd());

    /// <summary>Appends those of <paramref name="allEvents"/> of the run that the log does not have.</summary>
    public async Task<LogEnd> Append(
        RunResource run, LogEnd log, IReadOnlyList<JsonObject> allEvents, CancellationToken cancellationToken)
    {
        while (log.Sequence < allEvents.Count)
        {
            var body = new
            {
                events = allEvents.Skip((int)log.Sequence).Take(MaxEventsPerAppend),
                expected_previous_event_id = log.EventId,
                expected_previous_external_event_sequence = log.Sequence,
            };
            using var response = await _http.PostAsJsonAsync($"{GetPath(run)}/events", body, SerializerOptions, cancellationToken);
            log = await Read<LogEnd>(response, cancellationToken);
        }

        return log;
    }

    public void Dispose() => _http.Dispose();

    private static string GetPath(RunResource run) =>
        run.Owner.Kind == OwnerKinds.Conversation ? $"/conversations/{run.Owner.Id}/runs/{run.RunId}" : $"/runs/{run.RunId}";

    private async Task<T> Get<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await Read<T>(response, cancellationToken);
    }

    private static async Task<T> Read<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadFromJsonAsync<T>(SerializerOptions, cancellationToken)
                ?? throw new JsonException("The response is null.");
        }

        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(SerializerOptions, cancellationToken);
        throw new RunsApiException(response.StatusCode, problem?["code"]?.ToString(), problem?["detail"]?.ToString());
    }
}
