namespace Runs.Worker;

/// <summary>The id of a registered worker, and its credential. Its text must not be logged.</summary>
internal sealed record WorkerIdentity(string Id, string Token)
{
    public override string ToString() => Id;
}
