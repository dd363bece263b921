using System.Diagnostics;
using System.Net.Http.Headers;
using Runs.Api.Authentication;
using Runs.Server;

namespace Runs.TestEnvironment;

/// <summary>
/// A Runs server in its own process, as in production. It can be killed and started again at the same address with the
/// same settings.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly Uri ReadinessPath = new("/health/commands", UriKind.Relative);

    private readonly Dictionary<string, string?> _environment = new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["Logging__LogLevel__Default"] = "Warning",
    };

    private readonly Action<string>? _writeLog;
    private readonly Lazy<HttpClient> _client;
    private DotnetProcess? _process;

    /// <param name="settings">The settings, as configuration keys or as environment variables.</param>
    /// <param name="writeLog">Receives the lines that the server writes to its standard streams.</param>
    public ServerProcess(IEnumerable<KeyValuePair<string, string?>> settings, Action<string>? writeLog = null)
    {
        foreach (var (name, value) in settings)
        {
            _environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _writeLog = writeLog;
        _client = new Lazy<HttpClient>(() => CreateClient(new SocketsHttpHandler()));
    }

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Find()}");

    /// <summary>A client with the development API key.</summary>
    public HttpClient Client => _client.Value;

    public bool IsStarted => _process is not null;

    /// <summary>
    /// The exit code, if the process has exited without <see cref="Kill"/> or <see cref="Terminate"/>.
    /// </summary>
    public int? UnrequestedExitCode => _process is { HasExited: true } process ? process.ExitCode : null;

    /// <summary>The resident memory in bytes.</summary>
    public long ResidentMemory => Process.ResidentMemory;

    /// <summary>The processor time since the last start, in seconds.</summary>
    public double CpuSeconds => Process.CpuSeconds;

    private DotnetProcess Process => _process ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>
    /// Starts the server and waits until it takes commands. If it does not in time, its process is ended.
    /// </summary>
    public async Task Start()
    {
        await Launch();
        try
        {
            await WaitUntilReady(StartTimeout);
        }
        catch
        {
            await Kill();
            throw;
        }
    }

    /// <summary>Starts the server without waiting until it takes commands.</summary>
    public async Task Launch()
    {
        if (_process is { } exited)
        {
            await exited.DisposeAsync();
        }

        string[] arguments = [typeof(ServerBuilder).Assembly.Location, "--urls", Address.ToString()];
        _process = DotnetProcess.Start(arguments, _environment, _writeLog, _writeLog);
    }

    /// <summary>Waits until the server takes commands.</summary>
    /// <exception cref="TimeoutException">It does not in time.</exception>
    public async Task WaitUntilReady(TimeSpan timeout)
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        await Poll.Until(
            () => IsReady(client),
            timeout,
            TimeSpan.FromMilliseconds(20),
            $"The server at {Address} is not ready after {timeout}.");
    }

    /// <summary>Ends the process as <c>kill -9</c> does.</summary>
    public async Task Kill()
    {
        var process = Process;
        _process = null;
        await process.DisposeAsync();
    }

    /// <summary>Sends SIGTERM, as an orchestrator does, and waits until the process has exited.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> Terminate()
    {
        var watch = Stopwatch.StartNew();
        var process = Process;
        _process = null;
        await process.Terminate();
        await process.DisposeAsync();
        return watch.Elapsed;
    }

    /// <summary>Stops the execution; connections stay open.</summary>
    public Task Suspend() => Process.Suspend();

    /// <summary>Continues the execution.</summary>
    public Task Resume() => Process.Resume();

    /// <summary>Creates a client with the development API key.</summary>
    public HttpClient CreateClient(HttpMessageHandler handler) => new(handler)
    {
        BaseAddress = Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key) },
    };

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await Kill();
        }

        if (_client.IsValueCreated)
        {
            Client.Dispose();
        }
    }

    private static async Task<bool> IsReady(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(ReadinessPath);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
