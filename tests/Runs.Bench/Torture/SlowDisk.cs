namespace Runs.Bench.Torture;

/// <summary>
/// A slow disk under the store: strace, in a container that shares the store's process ids, delays every sync of the store's processes. Nothing that they write is
/// durable any sooner.
/// </summary>
internal sealed class SlowDisk : IAsyncDisposable
{
    /// <summary>What each sync takes longer.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    /// <summary>Why it cannot be done where there is no <see cref="Image"/>.</summary>
    public const string NoImage = "RUNS_STRACE_IMAGE names no image with strace";

    private readonly Container _tracer;

    private SlowDisk(Container tracer) => _tracer = tracer;

    /// <summary>The image with strace; null where there is none.</summary>
    public static string? Image => Environment.GetEnvironmentVariable("RUNS_STRACE_IMAGE") is { Length: > 0 } image ? image : null;

    /// <summary>Slows the disk, and returns when plain writes are seen to wait for it.</summary>
    /// <exception cref="InvalidOperationException">It cannot be done here; the message says why.</exception>
    public static async Task<SlowDisk> Under(Container store, PlainWrites writes)
    {
        var image = Image ?? throw new InvalidOperationException(NoImage);
        var disk = new SlowDisk(await Container.Helper(
            image, ["--pid", $"container:{store.Id}", "--cap-add", "SYS_PTRACE"], "sh", "-c",
            $"exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter={Delay.TotalMicroseconds} -p \"$(pidof mongod postgres)\""));
        var times = new List<double>();
        for (var watch = Watch.Seconds; Watch.Seconds - watch < 10;)
        {
            times.Add(await writes.Write(1_000) is { } time ? time.TotalMilliseconds : 0);
            if (times.Count >= 3 && times[^3..].TrueForAll(time => time >= Delay.TotalMilliseconds))
            {
                return disk;
            }
        }

        var said = await disk._tracer.Errors();
        await disk.DisposeAsync();
        throw new InvalidOperationException($"plain writes take {times[^1]:0.0} ms although every sync should take {Delay.TotalMilliseconds}; strace said: {said}");
    }

    // Asked to end, strace lets go of every process as it was.
    public async ValueTask DisposeAsync()
    {
        await _tracer.Stop();
        await _tracer.DisposeAsync();
    }
}
