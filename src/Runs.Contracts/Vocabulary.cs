namespace Runs.Contracts;

/// <summary>What a run executes: the members of <c>kind</c>.</summary>
public static class RunKinds
{
    /// <summary>An agent's turn; the only kind that may live in a conversation.</summary>
    public const string Agent = "agent";

    /// <summary>A task, named by a target <c>task:&lt;id&gt;</c>.</summary>
    public const string Task = "task";

    /// <summary>A workflow, named by <c>workflow_id</c> and a target <c>workflow:&lt;id&gt;</c>.</summary>
    public const string Workflow = "workflow";

    /// <summary>An evaluation, named by a target <c>eval:&lt;id&gt;</c>.</summary>
    public const string Eval = "eval";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Agent, Task, Workflow, Eval];
}

/// <summary>Where a run is in its life: the members of <c>status</c>. They are the state machine's states in lower case.</summary>
public static class RunStatuses
{
    /// <summary>Accepted, not begun.</summary>
    public const string Pending = "pending";

    /// <summary>Begun.</summary>
    public const string Running = "running";

    /// <summary>Begun and paused for a tool, an approval, an event or an input; see <see cref="WaitingReasons"/>.</summary>
    public const string Waiting = "waiting";

    /// <summary>Ended well. Final.</summary>
    public const string Completed = "completed";

    /// <summary>Ended badly; <c>error.message</c> says how. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Called off. Final.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every status, in the order of a run's life.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Running, Waiting, Completed, Failed, Cancelled];

    /// <summary>The statuses that nothing overwrites.</summary>
    public static IReadOnlyList<string> Terminal { get; } = [Completed, Failed, Cancelled];

    /// <summary>Whether <paramref name="status"/> is final.</summary>
    public static bool IsTerminal(string status) => status is Completed or Failed or Cancelled;
}

/// <summary>What a waiting run waits for: the members of <c>waiting_reason</c>.</summary>
public static class WaitingReasons
{
    /// <summary>The result of a tool call that the client makes.</summary>
    public const string Tool = "tool";

    /// <summary>A person's approval.</summary>
    public const string Approval = "approval";

    /// <summary>Something that happens elsewhere.</summary>
    public const string Event = "event";

    /// <summary>An answer to an input request.</summary>
    public const string Input = "input";

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<string> All { get; } = [Tool, Approval, Event, Input];
}

/// <summary>Who is asked for an input, and who gives one: the members of <c>requested_responder_type</c> and <c>actor_type</c>.</summary>
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

/// <summary>Who sends a command: the members of an actor's <c>type</c>.</summary>
public static class ActorTypes
{
    /// <summary>A person, with a token or a key of theirs.</summary>
    public const string User = "user";

    /// <summary>An API key that belongs to no user.</summary>
    public const string Key = "key";

    /// <summary>An executor.</summary>
    public const string Worker = "worker";

    /// <summary>Another service.</summary>
    public const string Service = "service";

    /// <summary>This service itself: a timer, or the cancellation of a tree.</summary>
    public const string System = "system";

    /// <summary>Every type.</summary>
    public static IReadOnlyList<string> All { get; } = [User, Key, Worker, Service, System];
}

/// <summary>Who a run belongs to: the members of <c>owner.kind</c>.</summary>
public static class OwnerKinds
{
    /// <summary>A conversation; agent runs only.</summary>
    public const string Conversation = "conversation";

    /// <summary>A project.</summary>
    public const string Project = "project";

    /// <summary>Every owner kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Conversation, Project];
}

/// <summary>What to do about a conversation: the members of <c>conversation_mode</c>.</summary>
public static class ConversationModes
{
    /// <summary>The run gets a conversation of its own.</summary>
    public const string CreateNew = "create_new";

    /// <summary>The run joins the conversation named by <c>conversation_id</c>.</summary>
    public const string Existing = "existing";

    /// <summary>A headless run: no conversation and no message. The default for project-owned runs.</summary>
    public const string None = "none";

    /// <summary>Every mode.</summary>
    public static IReadOnlyList<string> All { get; } = [CreateNew, Existing, None];
}

/// <summary>What caused a run: the members of <c>trigger_kind</c>.</summary>
public static class TriggerKinds
{
    /// <summary>A direct create, over HTTP or the broker. The default.</summary>
    public const string Api = "api";

    /// <summary>A person fired a schedule by hand.</summary>
    public const string Manual = "manual";

    /// <summary>A schedule came due.</summary>
    public const string Schedule = "schedule";

    /// <summary>A webhook was called.</summary>
    public const string Webhook = "webhook";

    /// <summary>Every trigger kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Api, Manual, Schedule, Webhook];
}

/// <summary>Why a command was refused: the members of <see cref="RunRefused.Code"/>.</summary>
public static class RefusalCodes
{
    /// <summary>No such run in this tenant.</summary>
    public const string RunNotFound = "RUN_NOT_FOUND";

    /// <summary><c>parent_run_id</c> names no run that the caller may see. Nothing was created.</summary>
    public const string ParentNotFound = "PARENT_NOT_FOUND";

    /// <summary>The parent, or a run above it, was cancelled. Nothing was created.</summary>
    public const string ParentCancelled = "PARENT_CANCELLED";

    /// <summary>The parent is on the lowest level that a tree of runs may have. Nothing was created.</summary>
    public const string TreeTooDeep = "TREE_TOO_DEEP";

    /// <summary>The run id belongs to a run of another kind or owner.</summary>
    public const string RunIdTaken = "RUN_ID_TAKEN";

    /// <summary>Strict handling was asked for, and the stored request is another one.</summary>
    public const string RequestDiffers = "REQUEST_DIFFERS";

    /// <summary>The command arrived after its <c>expires_at</c>. Nothing was created.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>The store cannot be written now. Nothing was stored; the same command may succeed later.</summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The tool call was already answered with another result.</summary>
    public const string ToolResultConflict = "TOOL_RESULT_CONFLICT";

    /// <summary>The run does not wait for this tool call.</summary>
    public const string ToolResultNotWaiting = "TOOL_RESULT_NOT_WAITING";

    /// <summary>The run has ended.</summary>
    public const string RunNotActive = "RUN_NOT_ACTIVE";

    /// <summary>The run has asked for as much input as one run may: its forms and their answers hold some 500 KB.</summary>
    public const string TooManyInputRequests = "TOO_MANY_INPUT_REQUESTS";

    /// <summary>The run is not in a state in which this can happen: it waits for something else.</summary>
    public const string RunNotRunning = "RUN_NOT_RUNNING";
}
