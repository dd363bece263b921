namespace Runs.Contracts;

/// <summary>
/// The queue of the API's commands, beside that of other publishers' commands. It is a quorum queue with persistent messages: it survives the loss of a broker node, and
/// with it the API's availability does.
/// </summary>
internal static class RequestLane
{
    /// <summary>The queue, and the exchange in front of it.</summary>
    public const string Queue = "runs-commands";

    /// <summary>Where requests are sent.</summary>
    public static Uri Address { get; } = new($"exchange:{Queue}");
}
