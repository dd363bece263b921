using MassTransit;

namespace Runs.Lifecycle;

/// <summary>Reads the <see cref="RunMessageContext"/> of a message.</summary>
internal static class RunMessageContextExtensions
{
    /// <summary>What the state machine knows and decides about the message of <paramref name="context"/>.</summary>
    public static RunMessageContext MessageContext(this ConsumeContext context) => context.GetPayload<RunMessageContext>();
}
