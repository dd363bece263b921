using System.ComponentModel.DataAnnotations;

namespace Runs.Worker;

/// <summary>
/// The settings of a worker, bound to the configuration section <c>RunsWorker</c>, and for a worker with a name then to
/// <c>RunsWorker:name</c>. Validated when the host starts.
/// </summary>
public sealed class RunsWorkerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RunsWorker";

    /// <summary>
    /// The key of the worker; replicas may share one. The name of the host by default, with the worker's name.
    /// </summary>
    [Required, StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_.:-]+$")]
    public string WorkerKey { get; set; } = "";

    /// <summary>
    /// The implementation. The worker gets the agent runs of this implementation if it handles agents.
    /// </summary>
    [Required, StringLength(64, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-]+$")]
    public string ImplementationKind { get; set; } = "dotnet";

    /// <summary>The project whose runs the worker executes, its UUID or slug; that of the client when absent.</summary>
    public string? Project { get; set; }

    /// <summary>
    /// The number of runs that the worker executes at the same time. At most 1,000: a heartbeat names no more.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxConcurrentRuns { get; set; } = 10;

    /// <summary>
    /// The time after which the server gives a run to another worker, if this one does not renew the lease. It is
    /// renewed after a third, and a handler is stopped after five sixths without a renewal. Whole seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:05:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The time in which running handlers may finish when the worker stops. 5 seconds longer must not exceed the
    /// host's <c>ShutdownTimeout</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The time that the server holds a claim until there is a run. Whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ClaimWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether the error of a failed run has the stack trace. Every reader of the run can read it.
    /// </summary>
    public bool IncludeStackTraces { get; set; }
}
