using Runs.Contracts;

namespace Runs.Worker;

/// <summary>The body of a checkpoint.</summary>
internal sealed record SessionBody(string SessionKey, RawJson Metadata, int Attempt)
{
    public string Status { get; } = "active";
}
