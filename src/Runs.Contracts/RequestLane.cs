namespace Runs.Contracts;

/// <summary>
/// The API's own way to the saga, beside that of other publishers: for commands whose sender waits for the answer and asks again when none comes. They need not survive
/// the broker, so it need not write them down; what has to last is in the store before the answer.
/// </summary>
internal static class RequestLane
{
    /// <summary>The queue, and the exchange in front of it.</summary>
    public const string Queue = "runs-requests";

    /// <summary>Where requests are sent.</summary>
    public static Uri Address { get; } = new($"exchange:{Queue}");
}
