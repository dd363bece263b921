namespace Runs.Tests.Lifecycle;

/// <summary>The operations on the runs of a <see cref="Scenario"/>.</summary>
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
