using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>Commands for the run <c>run_1</c> of the tenant <c>acme</c>, and that run as it is stored.</summary>
internal static class LifecycleData
{
    public static readonly Guid RunId = RunIds.ForRun("acme", "run_1");

    public static CreateRun Create(string kind = RunKinds.Task, string? request = null) =>
        TestData.CreateRun(kind) with { Request = new RawJson(request ?? TestData.MinimalRequest(kind)) };

    public static StartRun Start() => new() { Tenant = "acme", RunId = "run_1" };

    public static WaitRun Wait(string? toolCallId = "call_1", string reason = WaitingReasons.Tool) =>
        new() { Tenant = "acme", RunId = "run_1", Reason = reason, ToolCallId = toolCallId };

    public static ResumeRun Resume(string? toolCallId = "call_1", string result = "1") =>
        new() { Tenant = "acme", RunId = "run_1", ToolCallId = toolCallId, Result = new RawJson(result) };

    public static ClaimRun Claim(string claimId = TestData.Uuid, string worker = "worker") =>
        new() { Tenant = "acme", RunId = "run_1", ClaimId = claimId, WorkerId = worker };

    public static ReleaseRun Release(int attempt = 1, string reason = ReleaseReasons.Shutdown) =>
        new() { Tenant = "acme", RunId = "run_1", Attempt = attempt, Reason = reason };

    public static CompleteRun Complete(string status = RunStatuses.Completed) =>
        new() { Tenant = "acme", RunId = "run_1", Status = status };

    public static CancelRun Cancel() => new() { Tenant = "acme", RunId = "run_1" };

    public static RunDue Due() => new("acme", "run_1");

    public static InputForm Form() => new()
    {
        RequestedResponderType = ResponderTypes.Human,
        Title = "Which one?",
        Description = "Choose.",
        Fields = new RawJson("""[{"name":"one"}]"""),
        Metadata = new RawJson("""{"m":1}"""),
    };

    /// <summary>The run in a status. A waiting run waits for the tool call <c>call_1</c>.</summary>
    public static Run StoredRun(string status, string kind = RunKinds.Task)
    {
        var command = Create(kind);
        return new Run
        {
            Id = RunId,
            Tenant = "acme",
            RunId = "run_1",
            Kind = kind,
            Status = status,
            Version = 1,
            Owner = command.Owner,
            RootRunId = "run_1",
            CreatedAt = TestRuns.Noon,
            UpdatedAt = TestRuns.Noon,
            StartedAt = status is RunStatuses.Running or RunStatuses.Waiting ? TestRuns.Noon : null,
            Request = new RawJson("{}"),
            AcceptedRequests = [new AcceptedRequest(Guid.Empty, CreateRunDecision.ComputeFingerprint(command))],
            WaitingReason = status == RunStatuses.Waiting ? WaitingReasons.Tool : null,
            WaitingToolCallId = status == RunStatuses.Waiting ? "call_1" : null,
            WaitingToolName = status == RunStatuses.Waiting ? "hammer" : null,
        };
    }

    /// <summary>An open form of the tool call <c>call_1</c>.</summary>
    public static InputRequest OpenForm() => new()
    {
        Id = RunIds.ForRun("acme", "form"),
        ToolCallId = "call_1",
        Status = InputRequestStatuses.Open,
        RequestedResponderType = ResponderTypes.Human,
        Title = "t",
        Fields = new RawJson("[]"),
        CreatedAt = TestRuns.Noon,
    };
}
