using System.Diagnostics;
using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that a test may kill, pause and restart.</summary>
public sealed class ServiceContainer(IContainer container, Func<Task> checkReady)
{
    /// <summary>Kills the container, like a power cut: nothing is flushed, and no connection is closed.</summary>
    public Task Kill() => Docker("kill", "--signal", "KILL", container.Id);

    /// <summary>Restarts it on the same port with its data, and waits until it is ready.</summary>
    public async Task Start()
    {
        await Docker("start", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Pauses it: connections stay open, and nothing responds.</summary>
    public Task Pause() => Docker("pause", container.Id);

    public async Task Unpause()
    {
        await Docker("unpause", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs a command in the container.</summary>
    public Task Execute(params string[] command) => Docker(["exec", container.Id, .. command]);

    private static async Task Docker(params string[] arguments)
    {
        var start = new ProcessStartInfo("docker", arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var docker = Process.Start(start)!;
        var error = await docker.StandardError.ReadToEndAsync();
        await docker.WaitForExitAsync();
        Assert.True(docker.ExitCode == 0, $"docker {string.Join(' ', arguments)}: {error}");
    }
}
