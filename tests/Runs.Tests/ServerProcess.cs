using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Runs.Server;

namespace Runs.Tests;

/// <summary>A server in another process, which a test may kill and start again on the same port with the same data.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings;
    private readonly int _port = FreePort();
    private Process? _process;

    public ServerProcess(Dictionary<string, string?> settings)
    {
        _settings = settings;
        Client = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{_port}"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key) },
        };
    }

    public HttpClient Client { get; }

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task Start()
    {
        string[] arguments =
            [typeof(ServerBuilder).Assembly.Location, "--environment", "Development", "--urls", $"http://127.0.0.1:{_port}"];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.Holds(async () => (await Client.GetAsync("/health/commands")).IsSuccessStatusCode, TimeSpan.FromMinutes(1));
    }

    /// <summary>Kills the process, like <c>kill -9</c>.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await Kill();
        }

        Client.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
