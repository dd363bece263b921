using System.Globalization;
using System.Text;

/// <summary>
/// Runs inside each process that is measured, before its program (<c>DOTNET_STARTUP_HOOKS</c>: the runtime looks for
/// this name in the global namespace). For each line on standard input it writes to standard error what the process has
/// allocated. It ends the process at the end of the input, when the program that measures is gone.
/// </summary>
internal static class StartupHook
{
    public const string CountersPrefix = "#counters ";

    public static void Initialize() => new Thread(ServeCounters) { IsBackground = true, Name = "counters" }.Start();

    private static void ServeCounters()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardError();
        while (input.ReadByte() >= 0)
        {
            var (allocated, pauses) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration().TotalMilliseconds);
            var line = string.Create(CultureInfo.InvariantCulture, $"{CountersPrefix}{allocated} {pauses}\n");
            output.Write(Encoding.ASCII.GetBytes(line));
            output.Flush();
        }

        Environment.Exit(0);
    }
}
