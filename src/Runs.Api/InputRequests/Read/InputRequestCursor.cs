using System.Globalization;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A position in a list of input requests.</summary>
/// <param name="Run">The run that the next request belongs to.</param>
/// <param name="NextIndex">
/// The index of that request in its run. Requests are only appended, so the index is stable.
/// </param>
internal readonly record struct InputRequestCursor(RunCursor Run, int NextIndex)
{
    /// <summary>Encodes the cursor for clients.</summary>
    public string Encode() => $"{NextIndex.ToString(CultureInfo.InvariantCulture)}.{PageRequest.EncodeCursor(Run)}";

    /// <summary>Decodes a client's cursor, or null when it is invalid.</summary>
    public static InputRequestCursor? Decode(string text) =>
        text.Split('.') is [var next, var run]
        && int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && PageRequest.DecodeCursor(run) is { } runCursor
            ? new InputRequestCursor(runCursor, number)
            : null;
}
