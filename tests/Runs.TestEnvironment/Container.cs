using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>
/// A container that this program started, on a port of 127.0.0.1 that stays the same when the container is started
/// again. It is removed when it is disposed of.
/// </summary>
public sealed class Container : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private Container(string id, int port) => (Id, Port) = (id, port);

    public string Id { get; }

    /// <summary>The port on 127.0.0.1; 0 if the container publishes none.</summary>
    public int Port { get; }

    /// <summary>The label by which the containers of a killed program are found and removed.</summary>
    public static string OwnerLabel
    {
        get
        {
            var owner = Environment.GetEnvironmentVariable("RUNS_CONTAINER_OWNER");
            return $"runs.owner={(string.IsNullOrEmpty(owner) ? "bench" : owner)}";
        }
    }

    /// <summary>Starts a RabbitMQ and waits until its port is open.</summary>
    /// <param name="options">Options of <c>docker run</c>.</param>
    public static Task<Container> StartRabbitMq(params string[] options) => Start(ContainerImages.RabbitMq, 5672, options);

    /// <summary>
    /// Starts a single MongoDB server that journals what it confirms, and waits until its port is open.
    /// </summary>
    /// <param name="options">Options of <c>docker run</c>.</param>
    public static Task<Container> StartMongoDb(params string[] options) => Start(ContainerImages.MongoDb, 27017, options);

    /// <summary>Starts a container that publishes no port.</summary>
    public static async Task<Container> StartHelper(string image, string[] options, params string[] command) =>
        new(await RunDetached(image, options, command), port: 0);

    /// <summary>Kills the container as a power cut would: nothing is flushed, no connection is closed.</summary>
    public Task Kill() => DockerCli.Run("kill", "--signal", "KILL", Id);

    /// <summary>Asks the container to stop, and waits until it has.</summary>
    public Task Stop() => DockerCli.Run("stop", Id);

    /// <summary>Starts the container again with its data, and waits until its port is open.</summary>
    public async Task Restart()
    {
        await DockerCli.Run("start", Id);
        await WaitForPort();
    }

    /// <summary>Waits until the port is open.</summary>
    public Task WaitForPort() => Poll.Until(
        IsPortOpen,
        StartTimeout,
        TimeSpan.FromMilliseconds(100),
        $"Container {Id[..12]} does not open its port {Port}.");

    /// <summary>Kills the container, unless it has exited, and starts it with its data.</summary>
    public Task KillAndRestart() => DockerCli.Run("restart", "--time", "0", Id);

    /// <summary>Starts the container again whenever it has exited, as a supervisor does, until cancelled.</summary>
    /// <returns>How often it was started again.</returns>
    public async Task<int> RestartOnExit(CancellationToken cancellationToken)
    {
        var restarts = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var isRunning = (await DockerCli.Run("inspect", "--format", "{{.State.Running}}", Id)).Trim();
            if (isRunning == "false")
            {
                restarts++;
                await DockerCli.Run("start", Id);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return restarts;
    }

    /// <summary>Freezes the container: connections stay open and nothing answers.</summary>
    public async Task Pause()
    {
        // The kernel does not freeze a container in which a process is just being started.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await DockerCli.Run("pause", Id);
                return;
            }
            catch (InvalidOperationException exception)
                when (attempt < 5 && exception.Message.Contains("unable to freeze", StringComparison.Ordinal))
            {
                await Task.Delay(500);
            }
        }
    }

    public Task Unpause() => DockerCli.Run("unpause", Id);

    /// <summary>Runs a command in the container.</summary>
    /// <returns>Its standard output.</returns>
    public Task<string> Execute(params string[] command) => DockerCli.Run(["exec", Id, .. command]);

    /// <summary>Reads what the container has written to standard error.</summary>
    public async Task<string> ReadErrorLog() => (await DockerCli.RunWithErrors("logs", Id)).Errors;

    /// <summary>
    /// The processor time of all processes of the container so far, in seconds, with those that have exited: PostgreSQL
    /// has a process for each connection.
    /// </summary>
    public async Task<double> GetCpuSeconds()
    {
        var output = await DockerCli.Run("top", Id, "-eo", "pid");
        return output
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .Sum(pid => ProcessStatistics.CpuSecondsWithExitedChildren(int.Parse(pid, CultureInfo.InvariantCulture)));
    }

    public async ValueTask DisposeAsync() => await DockerCli.Run("rm", "--force", "--volumes", Id);

    private static async Task<Container> Start(string image, int containerPort, string[] options)
    {
        var port = FreePort.Find();
        var container = new Container(
            await RunDetached(image, ["--publish", $"127.0.0.1:{port}:{containerPort}", .. options], []),
            port);
        await container.WaitForPort();
        return container;
    }

    private static async Task<string> RunDetached(string image, string[] options, string[] command) =>
        (await DockerCli.Run(["run", "--detach", "--label", OwnerLabel, .. options, image, .. command])).Trim();

    // Docker's own proxy listens before the service does. A connection that stays open is the service's.
    private async Task<bool> IsPortOpen()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            using var silence = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            return await client.GetStream().ReadAsync(new byte[1], silence.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
