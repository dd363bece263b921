using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>A container that this program started, on ports of 127.0.0.1 that stay the same when it comes back. It is removed at the end.</summary>
public sealed class Container : IAsyncDisposable
{
    private Container(string id, int port) => (Id, Port) = (id, port);

    public string Id { get; }

    /// <summary>Where it is reached on 127.0.0.1; 0 for a helper.</summary>
    public int Port { get; }

    /// <summary>A RabbitMQ, of the image that <c>RUNS_RABBITMQ_IMAGE</c> names.</summary>
    /// <param name="options">Of <c>docker run</c>.</param>
    public static Task<Container> StartRabbitMq(params string[] options) => Start(GetImage("RUNS_RABBITMQ_IMAGE"), 5672, options);

    /// <summary>A MongoDB, of the image that <see cref="MongoDbImage"/> names. One server, which journals what it confirms.</summary>
    /// <param name="options">Of <c>docker run</c>.</param>
    public static Task<Container> StartMongoDb(params string[] options) => Start(MongoDbImage, 27017, options);

    public static string MongoDbImage => GetImage("RUNS_MONGODB_IMAGE");

    /// <summary>The label by which all that is left of a killed program is found.</summary>
    public static string OwnerLabel => $"runs.owner={GetSetting("RUNS_CONTAINER_OWNER", "bench")}";

    /// <summary>Starts a container that works on others and opens no port.</summary>
    public static async Task<Container> StartHelper(string image, string[] options, params string[] command) => new(await RunDetached(image, options, command), 0);

    /// <summary>As a power cut would: nothing is flushed, nobody is told.</summary>
    public Task Kill() => RunDocker(["kill", "--signal", "KILL", Id]);

    /// <summary>Asks it to end, and waits until it has.</summary>
    public Task Stop() => RunDocker(["stop", Id]);

    /// <summary>Starts it again with the data it had, and waits until its port is open.</summary>
    public async Task Restart()
    {
        await RunDocker(["start", Id]);
        await WaitForPort();
    }

    /// <summary>Waits until its port is open.</summary>
    public async Task WaitForPort()
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

        throw new TimeoutException($"Container {Id[..12]} does not open its port {Port}.");
    }

    /// <summary>Kills it, unless it has ended by itself, and starts it with the data it had.</summary>
    public Task KillAndRestart() => RunDocker(["restart", "--time", "0", Id]);

    /// <summary>Starts it again whenever it has ended by itself, as whoever supervises it does.</summary>
    /// <returns>How often that was.</returns>
    public async Task<int> RestartOnExit(CancellationToken cancellationToken)
    {
        var ends = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            if ((await RunDocker(["inspect", "--format", "{{.State.Running}}", Id])).Trim() == "false")
            {
                ends++;
                await RunDocker(["start", Id]);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ends;
    }

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public async Task Pause()
    {
        // The kernel does not freeze a container in which a process is just being started.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunDocker(["pause", Id]);
                return;
            }
            catch (InvalidOperationException failure) when (attempt < 5 && failure.Message.Contains("unable to freeze", StringComparison.Ordinal))
            {
                await Task.Delay(500);
            }
        }
    }

    public Task Unpause() => RunDocker(["unpause", Id]);

    /// <summary>Runs a command in it, and returns what it printed.</summary>
    public Task<string> Execute(params string[] command) => RunDocker(["exec", Id, .. command]);

    /// <summary>What it has written to standard error.</summary>
    public async Task<string> ReadErrorLog() => (await RunDockerProcess(["logs", Id])).Errors;

    /// <summary>Seconds of processor time that it has used.</summary>
    public async Task<double> GetCpuSeconds()
    {
        var pids = (await RunDocker(["top", Id, "-eo", "pid"])).Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0);
        return pids.Sum(pid => ProcessStatistics.CpuSeconds(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)));
    }

    public async ValueTask DisposeAsync() => await RunDocker(["rm", "--force", "--volumes", Id]);

    /// <summary>A port that is free now and that no outgoing connection takes: those get theirs from 32768 upwards.</summary>
    public static int GetFreePort()
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

    /// <summary>Runs the client of Docker's engine.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message says what it said.</exception>
    public static async Task<string> RunDocker(string[] arguments) => (await RunDockerProcess(arguments)).Output;

    private static async Task<Container> Start(string image, int containerPort, string[] options)
    {
        var port = GetFreePort();
        var container = new Container(await RunDetached(image, ["--publish", $"127.0.0.1:{port}:{containerPort}", .. options], []), port);
        await container.WaitForPort();
        return container;
    }

    private static async Task<string> RunDetached(string image, string[] options, string[] command) =>
        (await RunDocker(["run", "--detach", "--label", OwnerLabel, .. options, image, .. command])).Trim();

    /// <summary>What compose/with-docker.sh chose, from compose/images.env or in its place.</summary>
    public static string GetImage(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } image
        ? image
        : throw new InvalidOperationException($"{name} is not set: `make bench` and `make torture` choose the images.");

    private static string GetSetting(string name, string defaultValue) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : defaultValue;

    private static async Task<(string Output, string Errors)> RunDockerProcess(string[] arguments)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (docker.StandardOutput.ReadToEndAsync(), docker.StandardError.ReadToEndAsync());
        await docker.WaitForExitAsync();
        return docker.ExitCode == 0 ? (await output, await errors) : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {await errors}");
    }
}
