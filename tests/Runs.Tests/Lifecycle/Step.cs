namespace Runs.Tests.Lifecycle;

/// <summary>What is done to the runs of a <see cref="Story"/>.</summary>
public enum Verb
{
    Create,
    Start,
    Append,
    Wait,
    Resume,
    Complete,
    Cancel,
    AskForInput,
    AnswerInput,
    ComeDue,
}

/// <summary>How it is sent.</summary>
public enum Way
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

/// <summary>One step of a <see cref="Story"/>.</summary>
/// <param name="Verb">What is done.</param>
/// <param name="Run">To which run: the root, its child, or its grandchild.</param>
/// <param name="Choice">With which of the contents that there are.</param>
/// <param name="Way">How it is sent.</param>
/// <param name="Together">Whether it does not wait for the step before it.</param>
public sealed record Step(Verb Verb, int Run, int Choice, Way Way, bool Together);
