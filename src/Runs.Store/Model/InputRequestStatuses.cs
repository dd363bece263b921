namespace Runs.Store;

/// <summary>The statuses of an input request: the values of its <c>status</c>.</summary>
public static class InputRequestStatuses
{
    /// <summary>The run waits for the input.</summary>
    public const string Open = "open";

    /// <summary>The input was submitted.</summary>
    public const string Submitted = "submitted";

    /// <summary>The input request was cancelled, or its run ended in another way.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>No input was submitted before the expiry.</summary>
    public const string Expired = "expired";

    /// <summary>All statuses.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, Submitted, Cancelled, Expired];
}
