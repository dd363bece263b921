using System.Globalization;

namespace Runs.Api;

/// <summary>What callers prefer (RFC 7240): a list, in any number of <c>Prefer</c> headers. What is not known or not understood is ignored.</summary>
internal static class Preferences
{
    /// <summary>Whether <c>handling=strict</c> is preferred.</summary>
    public static bool StrictHandling(HttpRequest request) =>
        Values(request, "handling").Any(value => value.Equals("strict", StringComparison.OrdinalIgnoreCase));

    /// <summary>The seconds of <c>wait</c>, at most <paramref name="max"/>; null when it is not preferred.</summary>
    public static long? Wait(HttpRequest request, long max) =>
        Values(request, "wait").Select(value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, max) : (long?)null)
            .FirstOrDefault(seconds => seconds is not null);

    private static IEnumerable<string> Values(HttpRequest request, string preference) =>
        request.Headers["Prefer"]
            .SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Select(item => item.Split(';')[0].Replace(" ", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Split('=', 2))
            .Where(item => item.Length == 2 && item[0].Equals(preference, StringComparison.OrdinalIgnoreCase))
            .Select(item => item[1]);
}
