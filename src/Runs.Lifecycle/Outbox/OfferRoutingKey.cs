using System.Security.Cryptography;
using System.Text;
using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// The routing key of the events that announce that a run may be claimed, for the topic exchange
/// <see cref="OfferExchange"/>: <c>&lt;tenant&gt;.&lt;kind&gt;.&lt;target id&gt;</c>, or
/// <c>&lt;tenant&gt;.implementation.&lt;implementation_kind&gt;</c> and the worker key, if any, for a run that names a
/// worker implementation. As with the pools of claims, such a run is not offered by its target.
/// </summary>
internal static class OfferRoutingKey
{
    /// <summary>
    /// The second part of the key of a run that names a worker implementation. No kind has this name.
    /// </summary>
    public const string Implementation = "implementation";

    // AMQP limits a routing key to 255 bytes.
    private const int MaxKeyBytes = 255;

    // So that the other parts of a key always have room, hashed or not.
    private const int MaxTenantBytes = 100;

    /// <summary>
    /// The routing key of an event; null for one that does not offer a run. The creator of a run that is accepted as
    /// <c>running</c> executes it: it cannot be claimed.
    /// </summary>
    public static string? Get(object message) => message switch
    {
        RunAccepted { Status: RunStatuses.Pending } run =>
            Create(run.Tenant, run.Kind, run.Target, run.ImplementationKind, run.WorkerKey),
        RunReady run => Create(run.Tenant, run.Kind, run.Target, run.ImplementationKind, run.WorkerKey),
        _ => null,
    };

    private static string? Create(string tenant, string kind, string? target, string? implementation, string? workerKey) =>
        (implementation, target) switch
        {
            ({ }, _) when workerKey is not null => Join($"{GetTenantPart(tenant)}.{Implementation}.{Escape(implementation)}", workerKey),
            ({ }, _) => Join($"{GetTenantPart(tenant)}.{Implementation}", implementation),
            (null, { }) => Join($"{GetTenantPart(tenant)}.{kind}", target[TargetFormat.GetPrefix(kind).Length..]),
            _ => null,
        };

    private static string GetTenantPart(string tenant) =>
        Escape(tenant) is var part && Encoding.UTF8.GetByteCount(part) <= MaxTenantBytes ? part : Hash(tenant);

    private static string Join(string parts, string last)
    {
        var key = $"{parts}.{Escape(last)}";
        return Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes ? key : $"{parts}.{Hash(last)}";
    }

    // A dot would begin another part, and a binding would read the others as wildcards.
    private static string Escape(string part) => part
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace(".", "%2E", StringComparison.Ordinal)
        .Replace("*", "%2A", StringComparison.Ordinal)
        .Replace("#", "%23", StringComparison.Ordinal);

    private static string Hash(string part) => $"h_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(part)))}";
}
