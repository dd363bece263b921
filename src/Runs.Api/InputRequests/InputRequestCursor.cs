using System.Globalization;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A place in a list of input requests.</summary>
/// <param name="Run">The run that the next request belongs to.</param>
/// <param name="Next">Which of its requests that is. Requests are only ever added behind, so this stays.</param>
internal readonly record struct InputRequestCursor(RunCursor Run, int Next)
{
    /// <summary>The cursor as clients see it.</summary>
    public string Encode() => $"{Next.ToString(CultureInfo.InvariantCulture)}.{PageParameters.Encode(Run)}";

    /// <summary>The place that a cursor marks, or null.</summary>
    public static InputRequestCursor? Decode(string text) =>
        text.Split('.') is [var next, var run]
        && int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && PageParameters.Decode(run) is { } place
            ? new InputRequestCursor(place, number)
            : null;
}
