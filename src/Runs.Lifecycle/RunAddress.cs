using System.Diagnostics;
using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>Which run a command is about.</summary>
internal readonly record struct RunAddress(string Tenant, string RunId)
{
    /// <summary>The run that <paramref name="command"/> is about.</summary>
    public static RunAddress Of(object command) => command switch
    {
        CreateRun m => new(m.Tenant, m.RunId),
        StartRun m => new(m.Tenant, m.RunId),
        WaitRun m => new(m.Tenant, m.RunId),
        ResumeRun m => new(m.Tenant, m.RunId),
        CompleteRun m => new(m.Tenant, m.RunId),
        CancelRun m => new(m.Tenant, m.RunId),
        RunDue m => new(m.Tenant, m.RunId),
        _ => throw new UnreachableException($"{command.GetType()} is no command of the machine."),
    };

    /// <summary>The key of the run that <paramref name="command"/> is about.</summary>
    public static Guid KeyOf(object command) => Of(command) is var (tenant, runId) ? RunKey.Of(tenant, runId) : default;
}
