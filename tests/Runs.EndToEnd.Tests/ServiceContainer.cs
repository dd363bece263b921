using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that a test may kill, pause and restart.</summary>
public sealed class ServiceContainer(IContainer container, Func<Task> checkReady)
{
    /// <summary>Kills the container, like a power cut: nothing is flushed, and no connection is closed.</summary>
    public Task Kill() => DockerCli.Run("kill", "--signal", "KILL", container.Id);

    /// <summary>Restarts it on the same port with its data, and waits until it is ready.</summary>
    public async Task Start()
    {
        await DockerCli.Run("start", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Pauses it: connections stay open, and nothing responds.</summary>
    public Task Pause() => DockerCli.Run("pause", container.Id);

    public async Task Unpause()
    {
        await DockerCli.Run("unpause", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs a command in the container.</summary>
    public Task Execute(params string[] command) => DockerCli.Run(["exec", container.Id, .. command]);
}
