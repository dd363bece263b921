namespace Runs.Contracts;

/// <summary>The reason why a run waits: the values of <c>waiting_reason</c>.</summary>
public static class WaitingReasons
{
    /// <summary>The result of a tool call that the client makes.</summary>
    public const string Tool = "tool";

    /// <summary>A person's approval.</summary>
    public const string Approval = "approval";

    /// <summary>An external event.</summary>
    public const string Event = "event";

    /// <summary>An answer to an input request.</summary>
    public const string Input = "input";

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<string> All { get; } = [Tool, Approval, Event, Input];
}
