using MassTransit;

namespace Runs.Lifecycle;

/// <summary>Reads the <see cref="RunDecision"/> of a message context.</summary>
internal static class RunDecisionContext
{
    /// <summary>The decision on the message of <paramref name="context"/>.</summary>
    public static RunDecision Decision(this ConsumeContext context) => context.GetPayload<RunDecision>();
}
