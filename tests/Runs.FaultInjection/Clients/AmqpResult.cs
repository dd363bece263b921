using System.Text.Json;

namespace Runs.FaultInjection.Clients;

/// <summary>The result of a command over AMQP.</summary>
/// <param name="Kind">
/// The type of the reply (<c>RunSnapshot</c>, <c>RunRejected</c>, <c>Fault</c>); or <c>confirmed</c>, <c>late</c> or
/// <c>cut</c>.
/// </param>
/// <param name="Body">The body of the reply.</param>
/// <param name="Start">When the command was sent.</param>
/// <param name="End">When the result was known.</param>
internal readonly record struct AmqpResult(string Kind, JsonElement Body, double Start, double End)
{
    public bool IsSnapshot => Kind == "RunSnapshot";

    public bool Changed => Body.GetProperty("changed").GetBoolean();

    public string? Code =>
        Body is { ValueKind: JsonValueKind.Object } && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>The attempt that the claim has begun; null for other commands.</summary>
    public int? ClaimedAttempt =>
        IsSnapshot && Body.TryGetProperty("claim", out var claim) && claim.ValueKind == JsonValueKind.Object
            ? claim.GetProperty("attempt").GetInt32()
            : null;

    public bool IsTransientFailure => Kind is "late" or "cut";
}
