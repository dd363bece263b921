using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Runs.Bench;

/// <summary>A container that this program started, on ports of 127.0.0.1 that stay the same when it comes back. It is removed at the end.</summary>
internal sealed class Container : IAsyncDisposable
{
    private readonly string _id;

    private Container(string id, int port) => (_id, Port) = (id, port);

    /// <summary>Where it is reached on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>A RabbitMQ, of the image that <c>RUNS_RABBITMQ_IMAGE</c> names.</summary>
    public static Task<Container> RabbitMq() => Start(Setting("RUNS_RABBITMQ_IMAGE", "rabbitmq:4-management"), 5672, []);

    /// <summary>A MongoDB, of the image that <c>RUNS_MONGODB_IMAGE</c> names. One server, which journals what it confirms.</summary>
    public static Task<Container> MongoDb() => Start(Setting("RUNS_MONGODB_IMAGE", "mongo:8"), 27017, []);

    /// <summary>Starts a container and waits until its port is open.</summary>
    public static async Task<Container> Start(string image, int inside, string[] arguments)
    {
        var port = FreePort();
        var id = (await Docker(["run", "--detach", "--label", $"runs.owner={Setting("RUNS_CONTAINER_OWNER", "bench")}", "--publish", $"127.0.0.1:{port}:{inside}", image, .. arguments])).Trim();
        var container = new Container(id, port);
        await container.IsOpen();
        return container;
    }

    /// <summary>As a power cut would: nothing is flushed, nobody is told.</summary>
    public Task Kill() => Docker(["kill", "--signal", "KILL", _id]);

    /// <summary>Starts it again with the data it had, and waits until its port is open.</summary>
    public async Task Restart()
    {
        await Docker(["start", _id]);
        await IsOpen();
    }

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public Task Pause() => Docker(["pause", _id]);

    public Task Unpause() => Docker(["unpause", _id]);

    /// <summary>Runs a command in it, and returns what it printed.</summary>
    public Task<string> Execute(params string[] command) => Docker(["exec", _id, .. command]);

    /// <summary>Seconds of processor time that it has used.</summary>
    public async Task<double> ProcessorSeconds()
    {
        var pids = (await Docker(["top", _id, "-eo", "pid"])).Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0);
        return pids.Sum(pid => ProcessTimes.Of(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)));
    }

    public async ValueTask DisposeAsync() => await Docker(["rm", "--force", "--volumes", _id]);

    /// <summary>A port that is free now and that no outgoing connection takes: those get theirs from 32768 upwards.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken; try another
            }
        }
    }

    private static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;

    private async Task IsOpen()
    {
        // Docker's own proxy listens before the service does; a connection that stays open is the service's.
        for (var deadline = Stopwatch.StartNew(); deadline.Elapsed < TimeSpan.FromMinutes(2);)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                var buffer = new byte[1];
                using var quiet = new CancellationTokenSource(200);
                if (await client.GetStream().ReadAsync(buffer, quiet.Token) > 0)
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception trouble) when (trouble is SocketException or IOException)
            {
                // not yet
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"Container {_id[..12]} does not open its port {Port}.");
    }

    private static async Task<string> Docker(string[] arguments)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (docker.StandardOutput.ReadToEndAsync(), docker.StandardError.ReadToEndAsync());
        await docker.WaitForExitAsync();
        return docker.ExitCode == 0 ? await output : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {await errors}");
    }
}
