namespace Runs.Contracts;

/// <summary>The cause of a run: the values of <c>trigger_kind</c>.</summary>
public static class TriggerKinds
{
    /// <summary>A direct create, over HTTP or the broker. The default.</summary>
    public const string Api = "api";

    /// <summary>A person fired a schedule manually.</summary>
    public const string Manual = "manual";

    /// <summary>A schedule came due.</summary>
    public const string Schedule = "schedule";

    /// <summary>A webhook was called.</summary>
    public const string Webhook = "webhook";

    /// <summary>Every trigger kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Api, Manual, Schedule, Webhook];
}
