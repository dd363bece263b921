namespace Runs.Benchmarks.Commands;

/// <summary>Writes progress messages to standard error.</summary>
internal static class Progress
{
    public static void Write(FormattableString message) => Console.Error.WriteLine(FormattableString.Invariant(message));
}
