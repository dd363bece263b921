using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>A disk of limited size, in memory, for the store's data. A container of its own keeps it mounted while the store is down, and fills it.</summary>
internal sealed class LimitedDisk : IAsyncDisposable
{
    private const string FillerFile = "/disk/filler";

    private readonly Container _mountContainer;

    private LimitedDisk(string volume, Container mountContainer) => (Volume, _mountContainer) = (volume, mountContainer);

    /// <summary>What the store mounts.</summary>
    public string Volume { get; }

    /// <summary>Makes one. Its keeper is of the store's image, which is there in any case.</summary>
    public static async Task<LimitedDisk> Create(string size)
    {
        var volume = (await Container.RunDocker(
            ["volume", "create", "--label", Container.OwnerLabel, "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", $"o=size={size}"])).Trim();
        return new LimitedDisk(
            volume, await Container.StartHelper(Container.MongoDbImage, ["--user", "0", "--network", "none", "--volume", $"{volume}:/disk", "--entrypoint", "sleep"], "infinity"));
    }

    /// <summary>Takes all the room that is left.</summary>
    public Task Fill() => _mountContainer.Execute("sh", "-c", $"! dd if=/dev/zero of={FillerFile} bs=1M");

    /// <summary>Gives the room back.</summary>
    public Task FreeSpace() => _mountContainer.Execute("rm", "--force", FillerFile);

    public async ValueTask DisposeAsync()
    {
        await _mountContainer.DisposeAsync();
        await Container.RunDocker(["volume", "rm", Volume]);
    }
}
