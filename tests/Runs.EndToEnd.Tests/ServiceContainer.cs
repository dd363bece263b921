using System.Diagnostics;
using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that a test may do harm to, and bring back.</summary>
public sealed class ServiceContainer(IContainer container, Func<Task> checkReady)
{
    /// <summary>As a power cut would: nothing is flushed, nobody is told.</summary>
    public Task Kill() => Docker("kill", "--signal", "KILL", container.Id);

    /// <summary>Starts it again, on the same port and with the data it had, and waits until it answers.</summary>
    public async Task Start()
    {
        await Docker("start", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public Task Pause() => Docker("pause", container.Id);

    public async Task Unpause()
    {
        await Docker("unpause", container.Id);
        await Eventually.Succeeds(checkReady, TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs a command in it.</summary>
    public Task Execute(params string[] command) => Docker(["exec", container.Id, .. command]);

    private static async Task Docker(params string[] arguments)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = await docker.StandardError.ReadToEndAsync();
        await docker.WaitForExitAsync();
        Assert.True(docker.ExitCode == 0, $"docker {string.Join(' ', arguments)}: {error}");
    }
}
