using System.Globalization;
using System.Text.RegularExpressions;

namespace Runs.FaultInjection.Execution;

/// <summary>The names by which the checks recognize which attempt has written an event or an outcome.</summary>
internal static partial class EventNames
{
    /// <summary>The name of an event: <c>run/a2/0</c>.</summary>
    public static string Create(string runId, int attempt, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{runId}/a{attempt}/{index}");

    /// <summary>The attempt of an event's name; null if the name is none of <see cref="Create"/>.</summary>
    public static int? ReadAttempt(string name) => ParseAttempt(EventPattern().Match(name));

    /// <summary>The message of a failure.</summary>
    public static string FormatAttempt(int attempt) => string.Create(CultureInfo.InvariantCulture, $"attempt {attempt}");

    /// <summary>The attempt of a message of <see cref="FormatAttempt"/>; null for other messages.</summary>
    public static int? ReadMessage(string message) => ParseAttempt(MessagePattern().Match(message));

    private static int? ParseAttempt(Match match) =>
        match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"/a(\d+)/\d+$")]
    private static partial Regex EventPattern();

    [GeneratedRegex(@"^attempt (\d+)$")]
    private static partial Regex MessagePattern();
}
