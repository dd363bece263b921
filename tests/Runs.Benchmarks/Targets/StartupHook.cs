using System.Globalization;
using System.Text;

/// <summary>
/// Runs inside each process that is measured, before its program (<c>DOTNET_STARTUP_HOOKS</c>; the runtime looks for this name in no namespace). Asked with a line on standard
/// input it tells on standard error what the process has allocated; when the input ends, because the asking program is gone, it ends the process.
/// </summary>
internal static class StartupHook
{
    public const string CountersPrefix = "#counters ";

    public static void Initialize() => new Thread(ServeCounters) { IsBackground = true, Name = "counters" }.Start();

    private static void ServeCounters()
    {
        using var questions = Console.OpenStandardInput();
        using var answers = Console.OpenStandardError();
        while (questions.ReadByte() >= 0)
        {
            answers.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{CountersPrefix}{GC.GetTotalAllocatedBytes()} {GC.GetTotalPauseDuration().TotalMilliseconds}\n")));
            answers.Flush();
        }

        Environment.Exit(0);
    }
}
