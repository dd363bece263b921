using System.Globalization;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A place in a list of input requests.</summary>
/// <param name="BeforeRun">The run after this place holds the next request; null for the first run of the list.</param>
/// <param name="First">Which of its requests is the next one. Requests are only ever added behind, so this stays.</param>
internal readonly record struct InputRequestCursor(RunCursor? BeforeRun, int First)
{
    /// <summary>The cursor as clients see it.</summary>
    public string Encode() => $"{First.ToString(CultureInfo.InvariantCulture)}.{(BeforeRun is { } run ? PageParameters.Encode(run) : "")}";

    /// <summary>The place of a cursor, or the beginning where there is none; false for what is no cursor.</summary>
    public static bool TryDecode(string? text, out InputRequestCursor cursor)
    {
        cursor = new InputRequestCursor(null, int.MaxValue);
        if (text is null)
        {
            return true;
        }

        var parts = text.Split('.');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return false;
        }

        var run = parts[1].Length > 0 ? PageParameters.Decode(parts[1]) : null;
        cursor = new InputRequestCursor(run, first);
        return run is not null || parts[1].Length == 0;
    }
}
