using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using RabbitMQ.Client;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// A tenant that uses all it can get: creates, slow uploads, streams, snapshots, and the cancel of a large tree.
/// </summary>
internal sealed class NoisyTenant : IAsyncDisposable
{
    private const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c0f1";
    private const int CreateCallers = 64;
    private const int Uploads = 120;
    private const int Streams = 600;
    private const int SnapshotCallers = 8;
    private const int Appends = 100;
    private const int EventsPerAppend = 100;

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

    /// <summary>The number of responses of each call and status.</summary>
    public string ResponseSummary => string.Join(", ", _responses
        .OrderBy(response => response.Key, StringComparer.Ordinal)
        .Select(response => $"{response.Value} x {response.Key}"));

    /// <summary>The body of a create; <paramref name="requestMembers"/> goes into its request.</summary>
    public static string CreateBody(string id, string requestMembers) =>
        $$"""{"kind":"agent","public_id":"{{id}}","owner":{"kind":"conversation","id":"{{Conversation}}"},"""
        + $$""" "request":{"agent_id":"writer",{{requestMembers}}} }""";

    /// <summary>Creates a run with a long log and many children, as fast as the limits allow.</summary>
    public async Task Prepare(int children)
    {
        await PostUntil(202, "/runs", CreateBody(_rootRunId, "\"initial_status\":\"running\""));
        var events = string.Join(',', Enumerable.Range(0, EventsPerAppend).Select(
            i => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"{{i}}","delta":"some words and some more"}"""));
        for (var i = 0; i < Appends; i++)
        {
            await PostUntil(200, $"/runs/{_rootRunId}/events", $$"""{"events":[{{events}}]}""");
        }

        await PublishChildren(children);
        while (await Get("prepare", $"/runs/{_rootRunId}-{children - 1}") != 200)
        {
            await Task.Delay(1_000, _stopping.Token);
        }
    }

    /// <summary>Starts everything but the cancel.</summary>
    public void StartLoad() => _work = Task.WhenAll([
        .. StartCallers(CreateCallers, _ => CreateRun()),
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

    // Over the broker, where the rates of the API do not apply.
    private async Task PublishChildren(int children)
    {
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true };
        await using var connection = await new ConnectionFactory { Uri = _experiment.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true));
        foreach (var numbers in Enumerable.Range(0, children).Chunk(100))
        {
            await Task.WhenAll(numbers.Select(async number => await channel.BasicPublishAsync(
                "runs.create-run", "", mandatory: true, properties, CreateChildCommand(number))));
        }
    }

    private byte[] CreateChildCommand(int number) => Encoding.UTF8.GetBytes(
        $$"""{"tenant":"flood","run_id":"{{_rootRunId}}-{{number}}","kind":"agent","parent_run_id":"{{_rootRunId}}","""
        + $$""" "owner":{"kind":"conversation","id":"{{Conversation}}"},"request":{"agent_id":"writer"} }""");

    // Each caller sends the next request at once after a response, and soon after a rejection. All of them together
    // request many times what their tenant may have, but their own processes, which share the machine with the servers,
    // leave most of it idle.
    private IEnumerable<Task> StartCallers(int callers, Func<int, Task<int>> send) =>
        Enumerable.Range(0, callers).Select(caller => Task.Run(() => SendUntilStopped(() => send(caller))));

    private async Task SendUntilStopped(Func<Task<int>> send)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (await send() is 429 or 503 or 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1_000, 3_000)), _stopping.Token);
                }
            }
            catch (Exception exception)
                when (exception is OperationCanceledException or HttpRequestException or IOException or SocketException)
            {
                CountResponse("connection lost");
            }
        }
    }

    private Task<int> CreateRun()
    {
        var id = $"flood-{_experiment.RunIdPrefix}-{Guid.CreateVersion7()}";
        return Post("create", "/runs", CreateBody(id, "\"initial_status\":\"pending\""));
    }

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

    // The stream stays open until the tree is cancelled, which ends its run.
    private async Task<int> ReadStream(int caller)
    {
        var stream = new Uri(PickServer(), $"/runs/{_rootRunId}-{caller % 100}/stream");
        using var response = await _client.GetAsync(stream, HttpCompletionOption.ResponseHeadersRead, _stopping.Token);
        var status = CountResponse("stream", (int)response.StatusCode);
        if (status == 200)
        {
            await using var content = await response.Content.ReadAsStreamAsync(_stopping.Token);
            await content.CopyToAsync(Stream.Null, _stopping.Token);
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
        await stream.WriteAsync(CreateUploadHeader(), _stopping.Token);
        var blanks = Encoding.ASCII.GetBytes(new string(' ', 20_000));
        while (socket.Available == 0)
        {
            await stream.WriteAsync(blanks, _stopping.Token);
            await Task.Delay(200, _stopping.Token);
        }

        var statusLine = new byte[12];
        await stream.ReadExactlyAsync(statusLine, _stopping.Token);
        var status = int.Parse(Encoding.ASCII.GetString(statusLine)[9..], CultureInfo.InvariantCulture);
        return CountResponse("upload", status);
    }

    private byte[] CreateUploadHeader() => Encoding.ASCII.GetBytes(
        $"POST /runs/{_rootRunId}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_key}\r\n"
        + "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{");

    private Uri PickServer() => _experiment.Addresses[Random.Shared.Next(_experiment.Addresses.Count)];

    private int CountResponse(string call, int status)
    {
        CountResponse($"{call} {status}");
        return status;
    }

    private void CountResponse(string what) => _responses.AddOrUpdate(what, 1, (_, count) => count + 1);
}
