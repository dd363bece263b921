using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using RabbitMQ.Client;

namespace Runs.FaultInjection.Scenarios;

/// <summary>A tenant that takes all it can get: creates, slow uploads, streams, snapshots, and the cancel of a large tree.</summary>
internal sealed class NoisyTenant : IAsyncDisposable
{
    private const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c0f1";
    private const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2af1";
    private const int CreateCallers = 64;
    private const int Uploads = 120;
    private const int Streams = 600;
    private const int SnapshotCallers = 8;

    private readonly Experiment _experiment;
    private readonly string _key;
    private readonly string _rootRunId;
    private readonly HttpClient _client;
    private readonly ConcurrentDictionary<string, int> _responses = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;

    public NoisyTenant(Experiment experiment, string key, string name)
    {
        (_experiment, _key, _rootRunId) = (experiment, key, $"flood-{experiment.RunIdPrefix}-{name}");
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 2_000 })
        {
            Timeout = TimeSpan.FromSeconds(60),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
    }

    /// <summary>How often it was answered what.</summary>
    public string ResponseSummary => string.Join(", ", _responses.OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => $"{answer.Value} x {answer.Key}"));

    /// <summary>The body of a create; <paramref name="requestMembers"/> goes into its request.</summary>
    public static string CreateBody(string id, string requestMembers) =>
        $$"""{"kind":"agent","public_id":"{{id}}","owner":{"kind":"conversation","id":"{{Conversation}}"},"request":{"agent_id":"writer",{{requestMembers}}} }""";

    /// <summary>Creates a run with a long log and many children, as fast as it may.</summary>
    public async Task Prepare(int children)
    {
        await PostUntil(202, "/runs", CreateBody(_rootRunId, "\"initial_status\":\"running\""));
        var events = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"{{i}}","delta":"some words and some more"}"""));
        for (var i = 0; i < 100; i++)
        {
            await PostUntil(200, $"/runs/{_rootRunId}/events", $$"""{"events":[{{events}}]}""");
        }

        // Over the broker, where the rates of the API do not hold.
        await using var connection = await new ConnectionFactory { Uri = _experiment.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        foreach (var numbers in Enumerable.Range(0, children).Chunk(100))
        {
            await Task.WhenAll(numbers.Select(async number => await channel.BasicPublishAsync(
                "runs.create-run", "", mandatory: true, new BasicProperties { ContentType = "application/json", Persistent = true },
                Encoding.UTF8.GetBytes($$"""{"tenant":"flood","run_id":"{{_rootRunId}}-{{number}}","kind":"agent","parent_run_id":"{{_rootRunId}}","owner":{"kind":"conversation","id":"{{Conversation}}"},"request":{"agent_id":"writer"} }"""))));
        }

        while (await Get("prepare", $"/runs/{_rootRunId}-{children - 1}") != 200)
        {
            await Task.Delay(1_000, _stopping.Token);
        }
    }

    /// <summary>Begins all of it, but for the cancel.</summary>
    public void StartLoad() => _work = Task.WhenAll([
        .. StartCallers(CreateCallers, i => Post("create", "/runs", CreateBody($"flood-{_experiment.RunIdPrefix}-{Guid.CreateVersion7()}", "\"initial_status\":\"pending\""))),
        .. StartCallers(Uploads, UploadSlowly),
        .. StartCallers(Streams, ReadStream),
        .. StartCallers(SnapshotCallers, _ => Get("snapshot", $"/conversations/{Conversation}/runs/{_rootRunId}/snapshot")),
    ]);

    public Task CancelTree() => PostUntil(200, $"/runs/{_rootRunId}/cancel", null);

    public async Task StopLoad()
    {
        await _stopping.CancelAsync();
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        await StopLoad();
        _client.Dispose();
        _stopping.Dispose();
    }

    // A caller in a hurry: after an answer it asks again at once, and after a rejection soon. All of them together ask for many times what their tenant may have, and yet their
    // own processes, which share the machine with the servers, leave most of it idle.
    private IEnumerable<Task> StartCallers(int callers, Func<int, Task<int>> send) => Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (await send(caller) is 429 or 503 or 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1_000, 3_000)), _stopping.Token);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or HttpRequestException or IOException or SocketException)
            {
                CountResponse("broken off");
            }
        }
    }));

    private async Task<int> Post(string call, string path, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri(PickServer(), path), content, _stopping.Token);
        return CountResponse(call, (int)response.StatusCode);
    }

    private async Task<int> Get(string call, string path)
    {
        using var response = await _client.GetAsync(new Uri(PickServer(), path), _stopping.Token);
        return CountResponse(call, (int)response.StatusCode);
    }

    private async Task PostUntil(int status, string path, string? body)
    {
        while (await Post("prepare", path, body) != status)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 200)), _stopping.Token);
        }
    }

    // Stays as long as it is let: its run never ends but with its tree.
    private async Task<int> ReadStream(int caller)
    {
        using var response = await _client.GetAsync(new Uri(PickServer(), $"/runs/{_rootRunId}-{caller % 100}/stream"), HttpCompletionOption.ResponseHeadersRead, _stopping.Token);
        var status = CountResponse("stream", (int)response.StatusCode);
        if (status == 200)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(_stopping.Token);
            await stream.CopyToAsync(Stream.Null, _stopping.Token);
            await Task.Delay(1_000, _stopping.Token); // the tree was cancelled
        }

        return status;
    }

    private async Task<int> UploadSlowly(int caller)
    {
        var server = PickServer();
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, _stopping.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /runs/{_rootRunId}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_key}\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{{"),
            _stopping.Token);
        var piece = Encoding.ASCII.GetBytes(new string(' ', 20_000));
        while (socket.Available == 0)
        {
            await stream.WriteAsync(piece, _stopping.Token);
            await Task.Delay(200, _stopping.Token);
        }

        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, _stopping.Token);
        return CountResponse("upload", int.Parse(Encoding.ASCII.GetString(answer)[9..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private Uri PickServer() => _experiment.Addresses[Random.Shared.Next(_experiment.Addresses.Count)];

    private int CountResponse(string call, int status)
    {
        CountResponse($"{call} {status}");
        return status;
    }

    private void CountResponse(string what) => _responses.AddOrUpdate(what, 1, (_, count) => count + 1);
}
