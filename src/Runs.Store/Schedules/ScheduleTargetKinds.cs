using Runs.Contracts;

namespace Runs.Store;

/// <summary>What a schedule may run.</summary>
public static class ScheduleTargetKinds
{
    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [RunKinds.Task, RunKinds.Workflow, RunKinds.Agent];
}
