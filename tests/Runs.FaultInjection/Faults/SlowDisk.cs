using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>
/// A slow disk under the store: strace, in a container that shares the store's process ids, delays every sync of the store's processes. Nothing that they write is
/// durable any sooner.
/// </summary>
internal sealed class SlowDisk : IAsyncDisposable
{
    /// <summary>What each sync takes longer.</summary>
    public static readonly TimeSpan SyncDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Why it cannot be done where there is no <see cref="Image"/>.</summary>
    public const string NoImageReason = "RUNS_STRACE_IMAGE names no image with strace";

    private readonly Container _tracer;

    private SlowDisk(Container tracer) => _tracer = tracer;

    /// <summary>The image with strace; null where there is none.</summary>
    public static string? Image => Environment.GetEnvironmentVariable("RUNS_STRACE_IMAGE") is { Length: > 0 } image ? image : null;

    /// <summary>Slows the disk, and returns when plain writes are seen to wait for it.</summary>
    /// <exception cref="InvalidOperationException">It cannot be done here; the message says why.</exception>
    public static async Task<SlowDisk> Start(Container store, DirectStoreWriter writes)
    {
        var image = Image ?? throw new InvalidOperationException(NoImageReason);
        var disk = new SlowDisk(await Container.StartHelper(
            image, ["--pid", $"container:{store.Id}", "--cap-add", "SYS_PTRACE"], "sh", "-c",
            $"exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter={SyncDelay.TotalMicroseconds} -p \"$(pidof mongod postgres)\""));
        var times = new List<double>();
        for (var watch = Clock.ElapsedSeconds; Clock.ElapsedSeconds - watch < 10;)
        {
            times.Add(await writes.TryWrite(1_000) is { } time ? time.TotalMilliseconds : 0);
            if (times.Count >= 3 && times[^3..].TrueForAll(time => time >= SyncDelay.TotalMilliseconds))
            {
                return disk;
            }
        }

        var said = await disk._tracer.ReadErrorLog();
        await disk.DisposeAsync();
        throw new InvalidOperationException($"plain writes take {times[^1]:0.0} ms although every sync should take {SyncDelay.TotalMilliseconds}; strace said: {said}");
    }

    // Asked to end, strace lets go of every process as it was.
    public async ValueTask DisposeAsync()
    {
        await _tracer.Stop();
        await _tracer.DisposeAsync();
    }
}
