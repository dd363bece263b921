using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Samples.Worker;

/// <summary>What an executor asks of the HTTP API. A refusal is an <see cref="HttpRequestException"/> with the status and the text that the API gave.</summary>
internal sealed class RunsApi(WorkerSettings settings) : IDisposable
{
    /// <summary>User JSON has up to 64 levels, and stands inside a run or a message.</summary>
    public const int JsonDepth = 128;

    // What the API says when there is nothing more to append, not now, and not here. Clients may compare these texts.
    public const string HasEnded = "Cannot append external events to a terminal run";
    public const string IsWaiting = "Cannot append external events while the run is waiting for a tool result";
    public const string HasMovedOn = "External run event cursor mismatch"; // another worker is at it: look again where the log ends

    private const int MostEvents = 24; // the API takes 100 at a time

    private static readonly JsonSerializerOptions Json = new() { MaxDepth = JsonDepth };

    private readonly HttpClient _http = new()
    {
        BaseAddress = settings.Api,
        Timeout = TimeSpan.FromSeconds(15),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", settings.ApiKey) },
    };

    public Task<RunResource> Run(string runId, CancellationToken cancellationToken) => Get<RunResource>($"/runs/{runId}", cancellationToken);

    /// <summary>
    /// Where the log ends, as the conversation shows it. Elsewhere its beginning: all is said again from there, and what the log holds is recognized and not
    /// appended twice.
    /// </summary>
    public Task<LogEnd> Log(RunResource run, CancellationToken cancellationToken) =>
        run.Owner.Kind == OwnerKinds.Conversation ? Get<LogEnd>(PathOf(run), cancellationToken) : Task.FromResult(new LogEnd());

    /// <summary>Appends those of all the run's events that the log does not have yet.</summary>
    public async Task<LogEnd> Append(RunResource run, LogEnd log, IReadOnlyList<JsonObject> all, CancellationToken cancellationToken)
    {
        while (log.Sequence < all.Count)
        {
            var body = new
            {
                events = all.Skip((int)log.Sequence).Take(MostEvents),
                expected_previous_event_id = log.EventId,
                expected_previous_external_event_sequence = log.Sequence,
            };
            using var response = await _http.PostAsJsonAsync($"{PathOf(run)}/events", body, Json, cancellationToken);
            log = await Read<LogEnd>(response, cancellationToken);
        }

        return log;
    }

    public void Dispose() => _http.Dispose();

    private static string PathOf(RunResource run) =>
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
            return (await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
        }

        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Json, cancellationToken);
        throw new HttpRequestException(problem?["detail"]?.ToString(), null, response.StatusCode);
    }
}

/// <summary>Where a log ends: both cursors that an append expects.</summary>
internal sealed record LogEnd
{
    [JsonPropertyName("latest_event_id")]
    public long EventId { get; init; }

    /// <summary>How many public events executors have appended.</summary>
    [JsonPropertyName("latest_external_event_sequence")]
    public long Sequence { get; init; }

    /// <summary>The message that the run writes in its conversation.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }
}
