using System.Diagnostics;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Identifies the run of a command.</summary>
internal readonly record struct RunReference(string Tenant, string RunId)
{
    /// <summary>The correlation id of the run's saga.</summary>
    public Guid CorrelationId => RunIds.ForRun(Tenant, RunId);

    /// <summary>The run of <paramref name="command"/>.</summary>
    public static RunReference FromCommand(object command) => command switch
    {
        CreateRun m => new(m.Tenant, m.RunId),
        StartRun m => new(m.Tenant, m.RunId),
        ClaimRun m => new(m.Tenant, m.RunId),
        ReleaseRun m => new(m.Tenant, m.RunId),
        WaitRun m => new(m.Tenant, m.RunId),
        ResumeRun m => new(m.Tenant, m.RunId),
        CompleteRun m => new(m.Tenant, m.RunId),
        CancelRun m => new(m.Tenant, m.RunId),
        RenewLease m => new(m.Tenant, m.RunId),
        RunDue m => new(m.Tenant, m.RunId),
        _ => throw new UnreachableException($"{command.GetType()} is not a command of the state machine."),
    };
}
