namespace Runs.Tests.Lifecycle;

/// <summary>What is done to the runs of a <see cref="Scenario"/>.</summary>
public enum OperationKind
{
    Create,
    Start,
    Append,
    Wait,
    Resume,
    Complete,
    Cancel,
    RequestInput,
    RespondToInput,
    BecomeDue,
}

/// <summary>How it is sent.</summary>
public enum SendMode
{
    /// <summary>One HTTP call.</summary>
    Http,

    /// <summary>The same HTTP call twice at the same time.</summary>
    HttpTwice,

    /// <summary>The same HTTP call again after its answer.</summary>
    HttpAgain,

    /// <summary>A message whose sender waits for the answer.</summary>
    Ask,

    /// <summary>The message is delivered a second time after its answer.</summary>
    Redeliver,

    /// <summary>The message is delivered twice at the same time.</summary>
    DeliverTwice,

    /// <summary>A message whose sender gives no address for an answer.</summary>
    Tell,

    /// <summary>The same without an answer, delivered twice.</summary>
    TellTwice,
}

/// <summary>One step of a <see cref="Scenario"/>.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Run">To which run: the root, its child, or its grandchild.</param>
/// <param name="Variant">With which of the contents that there are.</param>
/// <param name="Mode">How it is sent.</param>
/// <param name="IsConcurrent">Whether it does not wait for the step before it.</param>
public sealed record OperationResult(OperationKind Kind, int Run, int Variant, SendMode Mode, bool IsConcurrent);
