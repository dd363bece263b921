using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Runs.FaultInjection.Faults;

namespace Runs.FaultInjection.Workload;

/// <summary>What one command over the broker came to: <c>RunSnapshot</c>, <c>RunRejected</c>, <c>Fault</c>, <c>confirmed</c>, <c>late</c> or <c>cut</c>.</summary>
internal readonly record struct AmqpResult(string Kind, JsonElement Body, double Start, double End)
{
    public bool Changed => Body.GetProperty("changed").GetBoolean();

    public string? Code => Body is { ValueKind: JsonValueKind.Object } && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    public bool IsTransientFailure => Kind is "late" or "cut";
}
