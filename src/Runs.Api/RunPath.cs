using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>The run that a path names.</summary>
internal readonly record struct RunPath([FromRoute(Name = "run_id")] string RunId)
{
    /// <summary>The run's id; false when no run can have it, so that the store need not be asked.</summary>
    public bool TryRunId(out string runId)
    {
        runId = Unescaped(RunId);
        return CreateRunRules.IsRunId(runId);
    }

    /// <summary>The run in the caller's tenant, or null.</summary>
    public Task<Run?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) => Find(store.Find, caller, cancellationToken);

    /// <summary>The run in the caller's tenant without what callers sent and executors made, or null.</summary>
    public Task<Run?> FindHead(IRunStore store, Caller caller, CancellationToken cancellationToken) => Find(store.FindHead, caller, cancellationToken);

    /// <summary>As <see cref="FindHead"/>, before a command: null is certain.</summary>
    public Task<Run?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) => Find(store.FindBeforeWrite, caller, cancellationToken);

    /// <summary>A path part as the client meant it: routing leaves an escaped slash escaped.</summary>
    public static string Unescaped(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private async Task<Run?> Find(Func<Guid, CancellationToken, Task<Run?>> find, Caller caller, CancellationToken cancellationToken)
    {
        var run = TryRunId(out var runId) ? await find(RunKey.Of(caller.Tenant, runId), cancellationToken) : null;
        return run is { Status: not Run.CalledOff } && caller.MaySee(run) ? run : null;
    }
}

/// <summary>The run that a path names, in the conversation that it must live in.</summary>
internal readonly record struct ConversationRunPath(
    [FromRoute(Name = "conversation_id")] string ConversationId, [FromRoute(Name = "run_id")] string RunId)
{
    public RunPath Run => new(RunId);

    /// <summary>The run in the caller's tenant and this conversation, without what callers sent and executors made, or null.</summary>
    public async Task<Run?> FindHead(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        InConversation(await Run.FindHead(store, caller, cancellationToken));

    /// <summary>As <see cref="FindHead"/>, before a command: null is certain.</summary>
    public async Task<Run?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        InConversation(await Run.FindBeforeWrite(store, caller, cancellationToken));

    /// <summary>Whether a run lives in a conversation.</summary>
    public static bool IsIn(Run run, string conversationId) => string.Equals(run.ConversationId, conversationId, StringComparison.OrdinalIgnoreCase);

    private Run? InConversation(Run? run) => run is not null && IsIn(run, ConversationId) ? run : null;
}
