using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A container that a test may kill or pause. It runs again when the returned outage is disposed, also after a failed
/// assertion, because other tests use it.
/// </summary>
public sealed class ServiceContainer(IContainer container, Func<Task> checkReady)
{
    /// <summary>
    /// Kills the container, like a power cut: nothing is flushed, and no connection is closed. At the end of the outage
    /// it starts on the same port with its data.
    /// </summary>
    public Task<Outage> Kill() => Begin(["kill", "--signal", "KILL"], "start");

    /// <summary>Pauses it: connections stay open, and nothing responds.</summary>
    public Task<Outage> Pause() => Begin(["pause"], "unpause");

    /// <summary>Runs a command in the container.</summary>
    public Task Execute(params string[] command) => DockerCli.Run(["exec", container.Id, .. command]);

    private async Task<Outage> Begin(string[] command, string endCommand)
    {
        await DockerCli.Run([.. command, container.Id]);
        return new Outage(async () =>
        {
            await DockerCli.Run(endCommand, container.Id);
            await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
        });
    }

    /// <summary>Ends when it is disposed, which waits until the container is ready.</summary>
    public sealed class Outage(Func<Task> end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(end());
    }
}
