using Runs.Contracts;

namespace Runs.Api.Http;

/// <summary>Members that bodies of several calls of executors have.</summary>
internal static class AttemptMembers
{
    /// <summary>Reads the duration of a lease in seconds; null for the default.</summary>
    public static int? GetLeaseSeconds(this JsonObjectReader body) =>
        (int?)body.GetInteger("lease_duration_seconds", FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds);

    /// <summary>Reads how long a call waits.</summary>
    public static TimeSpan GetWait(this JsonObjectReader body) =>
        TimeSpan.FromSeconds(body.GetInteger("wait_seconds", 0, FieldLimits.MaxWorkerWaitSeconds) ?? 0);

    /// <summary>Reads the number of an attempt; null when it is absent.</summary>
    public static int? GetAttempt(this JsonObjectReader body) =>
        (int?)body.GetInteger("attempt", FieldLimits.MinAttempt, int.MaxValue);

    /// <summary>Reads an object that a worker stores; null when it is absent.</summary>
    public static RawJson? GetMetadata(this JsonObjectReader body, int maxBytes)
    {
        if (body.GetObject("metadata") is not { } value)
        {
            return null;
        }

        var metadata = RawJson.FromElement(value);
        if (FieldRules.CheckSize(metadata, value, maxBytes) is { } error)
        {
            body.AddError("metadata", error);
        }

        return metadata;
    }
}
