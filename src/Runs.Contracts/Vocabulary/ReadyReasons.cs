namespace Runs.Contracts;

/// <summary>The reason why a run is ready again: the values of <see cref="RunReady.Reason"/>.</summary>
public static class ReadyReasons
{
    /// <summary>An attempt failed or was lost, and the delay before the next one has passed.</summary>
    public const string Retry = "retry";

    /// <summary>What the run waited for has arrived, and no worker holds the run.</summary>
    public const string Resumed = "resumed";

    /// <summary>A worker released the run.</summary>
    public const string Released = "released";

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<string> All { get; } = [Retry, Resumed, Released];
}
