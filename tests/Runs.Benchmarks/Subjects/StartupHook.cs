using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

/// <summary>
/// Runs inside each process that is measured, before its program (<c>DOTNET_STARTUP_HOOKS</c>: the runtime looks for
/// this name in the global namespace). For each line on standard input it writes to standard error what the process has
/// allocated and which claims it has sent. It ends the process at the end of the input, when the program that measures
/// is gone.
/// </summary>
internal static class StartupHook
{
    public const string CountersPrefix = "#counters ";

    private static readonly MeterListener ClaimListener = new();
    private static long _claims;
    private static long _rejectedClaims;

    public static void Initialize()
    {
        ListenToClaims();
        new Thread(ServeCounters) { IsBackground = true, Name = "counters" }.Start();
    }

    private static void ListenToClaims()
    {
        ClaimListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "runs.claims")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        ClaimListener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            Interlocked.Add(ref _claims, count);
            foreach (var tag in tags)
            {
                Interlocked.Add(ref _rejectedClaims, tag is { Key: "outcome", Value: "rejected" } ? count : 0);
            }
        });
        ClaimListener.Start();
    }

    private static void ServeCounters()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardError();
        while (input.ReadByte() >= 0)
        {
            var (allocated, pauses) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration().TotalMilliseconds);
            var (claims, rejected) = (Interlocked.Read(ref _claims), Interlocked.Read(ref _rejectedClaims));
            var counters = string.Create(CultureInfo.InvariantCulture, $"{allocated} {pauses} {claims} {rejected}");
            output.Write(Encoding.ASCII.GetBytes($"{CountersPrefix}{counters}\n"));
            output.Flush();
        }

        Environment.Exit(0);
    }
}
