using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using RabbitMQ.Client;

namespace Runs.Bench.Torture;

/// <summary>A tenant that takes all it can get: creates, slow uploads, streams, snapshots, and the cancel of a large tree.</summary>
internal sealed class Flood : IAsyncDisposable
{
    private const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c0f1";
    private const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2af1";
    private const int CreateCallers = 64;
    private const int Uploads = 120;
    private const int Streams = 600;
    private const int SnapshotCallers = 8;

    private readonly Stage _stage;
    private readonly string _key;
    private readonly string _root;
    private readonly HttpClient _client;
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly CancellationTokenSource _over = new();
    private Task _work = Task.CompletedTask;

    public Flood(Stage stage, string key, string name)
    {
        (_stage, _key, _root) = (stage, key, $"flood-{stage.Name}-{name}");
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 2_000 })
        {
            Timeout = TimeSpan.FromSeconds(60),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
    }

    /// <summary>How often it was answered what.</summary>
    public string Answers => string.Join(", ", _answers.OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => $"{answer.Value} x {answer.Key}"));

    /// <summary>The body of a create; <paramref name="more"/> goes into its request.</summary>
    public static string Create(string id, string more) =>
        $$"""{"kind":"agent","public_id":"{{id}}","owner":{"kind":"conversation","id":"{{Conversation}}"},"request":{"agent_id":"writer",{{more}}} }""";

    /// <summary>Creates a run with a long log and many children, as fast as it may.</summary>
    public async Task Prepare(int children)
    {
        await Until(202, "/runs", Create(_root, "\"initial_status\":\"running\""));
        var events = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"{{i}}","delta":"some words and some more"}"""));
        for (var i = 0; i < 100; i++)
        {
            await Until(200, $"/runs/{_root}/events", $$"""{"events":[{{events}}]}""");
        }

        // Over the broker, where the rates of the API do not hold.
        await using var connection = await new ConnectionFactory { Uri = _stage.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        foreach (var numbers in Enumerable.Range(0, children).Chunk(100))
        {
            await Task.WhenAll(numbers.Select(async number => await channel.BasicPublishAsync(
                "runs.create-run", "", mandatory: true, new BasicProperties { ContentType = "application/json", Persistent = true },
                Encoding.UTF8.GetBytes($$"""{"tenant":"flood","run_id":"{{_root}}-{{number}}","kind":"agent","parent_run_id":"{{_root}}","owner":{"kind":"conversation","id":"{{Conversation}}"},"request":{"agent_id":"writer"} }"""))));
        }

        while (await Get("prepare", $"/runs/{_root}-{children - 1}") != 200)
        {
            await Task.Delay(1_000, _over.Token);
        }
    }

    /// <summary>Begins all of it, but for the cancel.</summary>
    public void Begin() => _work = Task.WhenAll([
        .. Repeat(CreateCallers, i => Post("create", "/runs", Create($"flood-{_stage.Name}-{Guid.CreateVersion7()}", "\"initial_status\":\"pending\""))),
        .. Repeat(Uploads, Upload),
        .. Repeat(Streams, Follow),
        .. Repeat(SnapshotCallers, _ => Get("snapshot", $"/conversations/{Conversation}/runs/{_root}/snapshot")),
    ]);

    public Task CancelTree() => Until(200, $"/runs/{_root}/cancel", null);

    public async Task End()
    {
        await _over.CancelAsync();
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        _client.Dispose();
        _over.Dispose();
    }

    // A caller in a hurry: after an answer it asks again at once, and after a rejection soon. All of them together ask for many times what their tenant may have, and yet their
    // own processes, which share the machine with the servers, leave most of it idle.
    private IEnumerable<Task> Repeat(int callers, Func<int, Task<int>> ask) => Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                if (await ask(caller) is 429 or 503 or 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1_000, 3_000)), _over.Token);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or HttpRequestException or IOException or SocketException)
            {
                Count("broken off");
            }
        }
    }));

    private async Task<int> Post(string call, string path, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri(Server(), path), content, _over.Token);
        return Count(call, (int)response.StatusCode);
    }

    private async Task<int> Get(string call, string path)
    {
        using var response = await _client.GetAsync(new Uri(Server(), path), _over.Token);
        return Count(call, (int)response.StatusCode);
    }

    private async Task Until(int status, string path, string? body)
    {
        while (await Post("prepare", path, body) != status)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 200)), _over.Token);
        }
    }

    // Stays as long as it is let: its run never ends but with its tree.
    private async Task<int> Follow(int caller)
    {
        using var response = await _client.GetAsync(new Uri(Server(), $"/runs/{_root}-{caller % 100}/stream"), HttpCompletionOption.ResponseHeadersRead, _over.Token);
        var status = Count("stream", (int)response.StatusCode);
        if (status == 200)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(_over.Token);
            await stream.CopyToAsync(Stream.Null, _over.Token);
            await Task.Delay(1_000, _over.Token); // the tree was cancelled
        }

        return status;
    }

    private async Task<int> Upload(int caller)
    {
        var server = Server();
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, _over.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /runs/{_root}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_key}\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{{"),
            _over.Token);
        var piece = Encoding.ASCII.GetBytes(new string(' ', 20_000));
        while (socket.Available == 0)
        {
            await stream.WriteAsync(piece, _over.Token);
            await Task.Delay(200, _over.Token);
        }

        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, _over.Token);
        return Count("upload", int.Parse(Encoding.ASCII.GetString(answer)[9..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private Uri Server() => _stage.Addresses[Random.Shared.Next(_stage.Addresses.Count)];

    private int Count(string call, int status)
    {
        Count($"{call} {status}");
        return status;
    }

    private void Count(string what) => _answers.AddOrUpdate(what, 1, (_, count) => count + 1);
}
