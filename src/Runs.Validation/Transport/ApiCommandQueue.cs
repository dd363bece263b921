namespace Runs.Validation;

/// <summary>
/// The queue for commands from the API, separate from the queue for commands from other publishers. It is a quorum
/// queue with persistent messages: it survives the loss of a broker node, and so the API stays available.
/// </summary>
internal static class ApiCommandQueue
{
    /// <summary>The name of the queue and of the exchange bound to it.</summary>
    public const string Name = "runs-commands";

    /// <summary>The address that the API sends requests to.</summary>
    public static Uri Address { get; } = new($"exchange:{Name}");
}
