namespace Runs.Contracts;

/// <summary>The kind of work that a run executes: the values of <c>kind</c>.</summary>
public static class RunKinds
{
    /// <summary>A turn of an agent. The only kind that may belong to a conversation.</summary>
    public const string Agent = "agent";

    /// <summary>A task, identified by the target <c>task:&lt;id&gt;</c>.</summary>
    public const string Task = "task";

    /// <summary>A workflow, identified by <c>workflow_id</c> and the target <c>workflow:&lt;id&gt;</c>.</summary>
    public const string Workflow = "workflow";

    /// <summary>An evaluation, identified by the target <c>eval:&lt;id&gt;</c>.</summary>
    public const string Eval = "eval";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Agent, Task, Workflow, Eval];
}

/// <summary>
/// The status of a run: the values of <c>status</c>. They are the states of the state machine in lower case.
/// </summary>
public static class RunStatuses
{
    /// <summary>Accepted; execution has not begun.</summary>
    public const string Pending = "pending";

    /// <summary>Execution has begun.</summary>
    public const string Running = "running";

    /// <summary>
    /// Execution is paused for a tool, an approval, an event or an input; see <see cref="WaitingReasons"/>.
    /// </summary>
    public const string Waiting = "waiting";

    /// <summary>Ended successfully. Final.</summary>
    public const string Completed = "completed";

    /// <summary>Ended with an error, described by <c>error.message</c>. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Cancelled. Final.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every status, in the order of a run's life cycle.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Running, Waiting, Completed, Failed, Cancelled];

    /// <summary>The final statuses. A run in one of them never changes its status.</summary>
    public static IReadOnlyList<string> Terminal { get; } = [Completed, Failed, Cancelled];

    /// <summary>Whether <paramref name="status"/> is final.</summary>
    public static bool IsTerminal(string status) => status is Completed or Failed or Cancelled;
}

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

/// <summary>
/// The kind of responder to an input request, requested or actual: the values of <c>requested_responder_type</c> and
/// <c>actor_type</c>.
/// </summary>
public static class ResponderTypes
{
    /// <summary>A person.</summary>
    public const string Human = "human";

    /// <summary>Another agent.</summary>
    public const string Agent = "agent";

    /// <summary>A service.</summary>
    public const string System = "system";

    /// <summary>Every type.</summary>
    public static IReadOnlyList<string> All { get; } = [Human, Agent, System];
}

/// <summary>The kind of sender of a command: the values of an actor's <c>type</c>.</summary>
public static class ActorTypes
{
    /// <summary>A person, with a token or an API key that belongs to them.</summary>
    public const string User = "user";

    /// <summary>An API key that belongs to no user.</summary>
    public const string ApiKey = "key";

    /// <summary>An executor.</summary>
    public const string Worker = "worker";

    /// <summary>Another service.</summary>
    public const string Service = "service";

    /// <summary>This service itself: a timer, or the cancellation of a tree.</summary>
    public const string System = "system";

    /// <summary>Every type.</summary>
    public static IReadOnlyList<string> All { get; } = [User, ApiKey, Worker, Service, System];
}

/// <summary>The kind of owner that a run belongs to: the values of <c>owner.kind</c>.</summary>
public static class OwnerKinds
{
    /// <summary>A conversation; agent runs only.</summary>
    public const string Conversation = "conversation";

    /// <summary>A project.</summary>
    public const string Project = "project";

    /// <summary>Every owner kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Conversation, Project];
}

/// <summary>How a run gets its conversation: the values of <c>conversation_mode</c>.</summary>
public static class ConversationModes
{
    /// <summary>A new conversation is created for the run.</summary>
    public const string CreateNew = "create_new";

    /// <summary>The run joins the conversation with the id <c>conversation_id</c>.</summary>
    public const string Existing = "existing";

    /// <summary>A headless run: no conversation and no message. The default for project-owned runs.</summary>
    public const string None = "none";

    /// <summary>Every mode.</summary>
    public static IReadOnlyList<string> All { get; } = [CreateNew, Existing, None];
}

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

/// <summary>The reason why a command was rejected: the values of <see cref="RunRejected.Code"/>.</summary>
public static class RejectionCodes
{
    /// <summary>The tenant has no run with this id.</summary>
    public const string RunNotFound = "RUN_NOT_FOUND";

    /// <summary><c>parent_run_id</c> is not the id of a run that the caller may see. Nothing was created.</summary>
    public const string ParentNotFound = "PARENT_NOT_FOUND";

    /// <summary>The parent, or one of its ancestors, was cancelled. Nothing was created.</summary>
    public const string ParentCancelled = "PARENT_CANCELLED";

    /// <summary>The parent is at the maximum depth of a tree of runs. Nothing was created.</summary>
    public const string TreeTooDeep = "TREE_TOO_DEEP";

    /// <summary>The run id belongs to a run of another kind or owner.</summary>
    public const string RunIdTaken = "RUN_ID_TAKEN";

    /// <summary>Strict handling was requested, and the request differs from the stored one.</summary>
    public const string RequestDiffers = "REQUEST_DIFFERS";

    /// <summary>The command arrived after its <c>expires_at</c>. Nothing was created.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>
    /// The store does not accept writes at present. Nothing was stored; the same command may succeed later.
    /// </summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The tool call was already answered with a different result.</summary>
    public const string ToolResultConflict = "TOOL_RESULT_CONFLICT";

    /// <summary>The run does not wait for this tool call.</summary>
    public const string ToolResultNotWaiting = "TOOL_RESULT_NOT_WAITING";

    /// <summary>The run has ended.</summary>
    public const string RunNotActive = "RUN_NOT_ACTIVE";

    /// <summary>
    /// The run has reached the limit of input that one run may request: its forms and their answers hold about 500 KB.
    /// </summary>
    public const string TooManyInputRequests = "TOO_MANY_INPUT_REQUESTS";

    /// <summary>The state of the run does not allow this command: it waits for something else.</summary>
    public const string RunNotRunning = "RUN_NOT_RUNNING";
}
