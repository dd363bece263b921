using System.Globalization;
using System.Text;

namespace Runs.Tests.Fuzz;

/// <summary>
/// Tries inputs made at random. Each has a seed of its own, so that one that fails can be tried again alone; <c>RUNS_FUZZ_SEED</c> is the first one's, and
/// <c>RUNS_FUZZ_ITERATIONS</c> says how many each test tries.
/// </summary>
internal static class FuzzRunner
{
    private const int MaxShownBytes = 2000;

    /// <summary>Tries <paramref name="defaultIterations"/> inputs, or as many as were asked for. <paramref name="attempt"/> gets a source of chance and a place to note what it tries;
    /// <paramref name="onProgress"/> hears what part of them, in percent, has been tried.</summary>
    public static async Task Run(int defaultIterations, Func<Random, StringBuilder, Task> attempt, Action<int>? onProgress = null)
    {
        var iterations = ReadSetting("RUNS_FUZZ_ITERATIONS") ?? defaultIterations;
        var first = ReadSetting("RUNS_FUZZ_SEED") ?? Random.Shared.Next(1_000_000_000);
        for (var i = 0; i < iterations; i++)
        {
            var input = new StringBuilder();
            try
            {
                await attempt(new Random(first + i), input);
            }
            catch (Exception failure)
            {
                Assert.Fail($"RUNS_FUZZ_SEED={first + i} RUNS_FUZZ_ITERATIONS=1 tries this again:\n{input}\n{failure}");
            }

            onProgress?.Invoke((int)(100L * (i + 1) / iterations));
        }
    }

    /// <inheritdoc cref="Run(int, Func{Random, StringBuilder, Task}, Action{int})"/>
    public static Task Run(int defaultIterations, Action<Random, StringBuilder> attempt) => Run(defaultIterations, (random, input) =>
    {
        attempt(random, input);
        return Task.CompletedTask;
    });

    /// <summary>Bytes as the literal of a string of Latin-1, cut where they are many.</summary>
    public static string ToLiteral(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (var value in bytes[..Math.Min(bytes.Length, MaxShownBytes)])
        {
            text.Append((char)value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\r' => "\\r",
                '\n' => "\\n",
                >= ' ' and <= '~' and var plain => plain.ToString(),
                _ => string.Format(CultureInfo.InvariantCulture, "\\u{0:x4}", value),
            });
        }

        return text.Append('"').Append(bytes.Length > MaxShownBytes ? $" and so on, {bytes.Length} bytes" : "").ToString();
    }

    private static int? ReadSetting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
