namespace Runs.Contracts;

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
