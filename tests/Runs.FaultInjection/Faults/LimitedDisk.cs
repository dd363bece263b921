using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>
/// A disk of limited size, in memory, for the data of the store. A helper container keeps it mounted while the store is
/// down, and fills it.
/// </summary>
internal sealed class LimitedDisk : IAsyncDisposable
{
    private const string FillerFile = "/disk/filler";

    private readonly Container _mountContainer;

    private LimitedDisk(string volume, Container mountContainer) => (Volume, _mountContainer) = (volume, mountContainer);

    /// <summary>The volume that the store mounts.</summary>
    public string Volume { get; }

    public static async Task<LimitedDisk> Create(string size)
    {
        var volume = (await DockerCli.Run(
            "volume", "create",
            "--label", Container.OwnerLabel,
            "--opt", "type=tmpfs",
            "--opt", "device=tmpfs",
            "--opt", $"o=size={size}")).Trim();

        // The image of the store is available in any case.
        var mountContainer = await Container.StartHelper(
            ContainerImages.MongoDb,
            ["--user", "0", "--network", "none", "--volume", $"{volume}:/disk", "--entrypoint", "sleep"],
            "infinity");
        return new LimitedDisk(volume, mountContainer);
    }

    /// <summary>Uses all the space that is left.</summary>
    public Task Fill() => _mountContainer.Execute("sh", "-c", $"! dd if=/dev/zero of={FillerFile} bs=1M");

    /// <summary>Frees the space that <see cref="Fill"/> has used.</summary>
    public Task FreeSpace() => _mountContainer.Execute("rm", "--force", FillerFile);

    public async ValueTask DisposeAsync()
    {
        await _mountContainer.DisposeAsync();
        await DockerCli.Run("volume", "rm", Volume);
    }
}
