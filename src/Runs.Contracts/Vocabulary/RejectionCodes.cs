namespace Runs.Contracts;

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

    /// <summary>The command arrived after its <c>expires_at</c>. Nothing was created or claimed.</summary>
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

    /// <summary>
    /// The state of the run does not allow this command: it waits for something else, or no worker executes it.
    /// </summary>
    public const string RunNotRunning = "RUN_NOT_RUNNING";

    /// <summary>
    /// The run cannot be claimed: it was started or claimed, it waits, its time is in the future, or it is in another
    /// pool.
    /// </summary>
    public const string RunNotClaimable = "RUN_NOT_CLAIMABLE";

    /// <summary>The attempt that the command names has ended. Its worker must stop.</summary>
    public const string AttemptLost = "ATTEMPT_LOST";

    /// <summary>
    /// A worker holds the run with a fenced claim, and the command names no attempt. <see cref="CompleteRun"/> and
    /// <see cref="WaitRun"/> must name it.
    /// </summary>
    public const string AttemptRequired = "ATTEMPT_REQUIRED";
}
