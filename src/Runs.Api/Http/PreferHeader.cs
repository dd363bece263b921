using System.Globalization;

namespace Runs.Api.Http;

/// <summary>
/// Reads the caller's preferences (RFC 7240): a list, in any number of <c>Prefer</c> headers. Unknown and malformed
/// preferences are ignored.
/// </summary>
internal static class PreferHeader
{
    /// <summary>Whether the request has <c>handling=strict</c>.</summary>
    public static bool HasStrictHandling(HttpRequest request) =>
        GetValues(request, "handling").Any(value => value.Equals("strict", StringComparison.OrdinalIgnoreCase));

    /// <summary>The seconds of <c>wait</c>, at most <paramref name="maxSeconds"/>. Null when absent.</summary>
    public static long? GetWaitSeconds(HttpRequest request, long maxSeconds) =>
        GetValues(request, "wait").Select(value => ParseSeconds(value, maxSeconds)).FirstOrDefault(seconds => seconds is not null);

    private static long? ParseSeconds(string value, long maxSeconds) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, maxSeconds) : null;

    private static IEnumerable<string> GetValues(HttpRequest request, string preference) =>
        request.Headers["Prefer"]
            .SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Select(item => item.Split(';')[0]) // without the preference's parameters
            .Select(item => item.Replace(" ", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Split('=', 2))
            .Where(item => item.Length == 2 && item[0].Equals(preference, StringComparison.OrdinalIgnoreCase))
            .Select(item => item[1]);
}
