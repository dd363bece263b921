namespace Runs.Bench.Torture;

/// <summary>A disk of limited size, in memory, for the store's data. A container of its own keeps it mounted while the store is down, and fills it.</summary>
internal sealed class LimitedDisk : IAsyncDisposable
{
    private const string Filler = "/disk/filler";

    private readonly Container _keeper;

    private LimitedDisk(string volume, Container keeper) => (Volume, _keeper) = (volume, keeper);

    /// <summary>What the store mounts.</summary>
    public string Volume { get; }

    /// <summary>Makes one. Its keeper is of the store's image, which is there in any case.</summary>
    public static async Task<LimitedDisk> Make(string size)
    {
        var volume = (await Container.Docker(
            ["volume", "create", "--label", Container.Owner, "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", $"o=size={size}"])).Trim();
        return new LimitedDisk(
            volume, await Container.Helper(Container.MongoDbImage, ["--user", "0", "--network", "none", "--volume", $"{volume}:/disk", "--entrypoint", "sleep"], "infinity"));
    }

    /// <summary>Takes all the room that is left.</summary>
    public Task Fill() => _keeper.Execute("sh", "-c", $"! dd if=/dev/zero of={Filler} bs=1M");

    /// <summary>Gives the room back.</summary>
    public Task Empty() => _keeper.Execute("rm", "--force", Filler);

    public async ValueTask DisposeAsync()
    {
        await _keeper.DisposeAsync();
        await Container.Docker(["volume", "rm", Volume]);
    }
}
