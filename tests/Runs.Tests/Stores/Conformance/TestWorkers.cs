using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Workers for tests of stores.</summary>
public static class TestWorkers
{
    /// <summary>A worker with a value for each member but its revocation.</summary>
    public static Worker CreateFull() => new()
    {
        Id = RunIds.ForWorker("dev", "project", "kind", "key"),
        Tenant = "dev",
        ProjectId = "project",
        ImplementationKind = "kind",
        ImplementationDisplayName = "Kind",
        WorkerKey = "key",
        DisplayName = "Key",
        Targets = ["task:*"],
        MaxConcurrentRuns = 1,
        Metadata = new RawJson("""{ "a" : 1.0 }"""),
        Tokens = [WorkerToken.Create("hash", TestRuns.Noon)],
        CreatedAt = TestRuns.Noon,
        UpdatedAt = TestRuns.Noon,
        LastHeartbeatAt = TestRuns.Noon.AddMinutes(1),
        Version = 1,
    };
}
