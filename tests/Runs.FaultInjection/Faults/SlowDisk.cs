using Runs.FaultInjection.Storage;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>
/// A slow disk under the store: strace, in a container that shares the process ids of the store, delays every sync of
/// the store's processes. No write is durable earlier.
/// </summary>
internal sealed class SlowDisk : IAsyncDisposable
{
    /// <summary>The delay of each sync.</summary>
    public static readonly TimeSpan SyncDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Why there is no slow disk without <see cref="ContainerImages.Strace"/>.</summary>
    public const string NoImageReason = "RUNS_STRACE_IMAGE names no image with strace";

    private const double ProbeSeconds = 10;
    private const int SlowProbesInARow = 3;

    private readonly Container _tracer;

    private SlowDisk(Container tracer) => _tracer = tracer;

    /// <summary>Slows the disk, and waits until writes are slow.</summary>
    /// <exception cref="InvalidOperationException">Writes are not slow. The message says why.</exception>
    public static async Task<SlowDisk> Start(Container store, DirectStoreWriter writer)
    {
        var image = ContainerImages.Strace ?? throw new InvalidOperationException(NoImageReason);
        var delay = $"fsync,fdatasync:delay_enter={SyncDelay.TotalMicroseconds}";
        var disk = new SlowDisk(await Container.StartHelper(
            image,
            ["--pid", $"container:{store.Id}", "--cap-add", "SYS_PTRACE"],
            "sh",
            "-c",
            $"exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject={delay} -p \"$(pidof mongod postgres)\""));
        var durations = new List<double>();
        for (var start = Clock.ElapsedSeconds; Clock.ElapsedSeconds - start < ProbeSeconds;)
        {
            durations.Add(await writer.TryWrite(1_000) is { } duration ? duration.TotalMilliseconds : 0);
            if (durations.Count >= SlowProbesInARow
                && durations[^SlowProbesInARow..].TrueForAll(milliseconds => milliseconds >= SyncDelay.TotalMilliseconds))
            {
                return disk;
            }
        }

        var errors = await disk._tracer.ReadErrorLog();
        await disk.DisposeAsync();
        throw new InvalidOperationException(
            $"writes take {durations[^1]:0.0} ms although every sync is delayed by {SyncDelay.TotalMilliseconds}; strace: {errors}");
    }

    // When it is asked to stop, strace detaches from every process.
    public async ValueTask DisposeAsync()
    {
        await _tracer.Stop();
        await _tracer.DisposeAsync();
    }
}
