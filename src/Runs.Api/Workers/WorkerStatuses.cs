namespace Runs.Api.Workers;

/// <summary>The values of a worker's <c>status</c>.</summary>
internal static class WorkerStatuses
{
    /// <summary>The worker was registered or sent a heartbeat in the last 90 seconds.</summary>
    public const string Active = "active";

    /// <summary>The worker was neither registered nor sent a heartbeat in the last 90 seconds.</summary>
    public const string Silent = "silent";

    /// <summary>Every status.</summary>
    public static IReadOnlyList<string> All { get; } = [Active, Silent];
}
