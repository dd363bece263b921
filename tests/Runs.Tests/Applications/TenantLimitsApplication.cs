using Runs.Tests.Http;

namespace Runs.Tests.Applications;

/// <summary>A server with small limits and two tenants.</summary>
public sealed class TenantLimitsApplication() : EmbeddedApplication(new()
{
    ["Api:MaxConcurrentCommands"] = $"{MaxConcurrentCommands}",
    ["Api:MaxConcurrentReads"] = $"{MaxConcurrentReads}",
    ["Api:MaxConcurrentStreams"] = $"{MaxConcurrentStreams}",
    ["Api:MaxBodyMemoryMegabytes"] = "16",
})
{
    public const int MaxConcurrentCommands = 64;
    public const int MaxConcurrentReads = 8;
    public const int MaxConcurrentStreams = 4;

    /// <summary>Waits until that many streams are open. Those of an earlier test may still be closing.</summary>
    public Task WaitForOpenStreams(int count) => Eventually.Succeeds(() =>
    {
        Assert.Equal(MaxConcurrentStreams - count, Limits.Streams.AvailablePermits);
        return Task.CompletedTask;
    });

    public Task WaitForReleasedBodies() => Eventually.Succeeds(() =>
    {
        Assert.Equal(16 * 1024, Limits.BodyMemory.AvailablePermits);
        return Task.CompletedTask;
    });

    internal Task<SlowSender> SendSlowly(string path, int announced, int sent) =>
        SlowSender.Send(Client.BaseAddress!, DevelopmentApiKey.Key, path, announced, sent);
}
