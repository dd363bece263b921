namespace Runs.Benchmarks.Commands;

/// <summary>What is told while it runs, on standard error.</summary>
internal static class Progress
{
    public static void Write(FormattableString what) => Console.Error.WriteLine(FormattableString.Invariant(what));
}
