namespace Runs.Benchmarks.Wire;

/// <summary>
/// The messages and commands that a create causes, counted between a subject and its broker and store.
/// </summary>
/// <param name="Subject">The name of the subject.</param>
/// <param name="Callers">The number of concurrent callers.</param>
/// <param name="BrokerMessages">Messages per create, by name.</param>
/// <param name="StoreCommands">Commands per create, by name.</param>
/// <param name="AwaitedWriteNames">
/// The writes that a caller waits for: when they are delayed, so is the response. Measured with one caller only.
/// </param>
internal sealed record WireCost(
    string Subject,
    int Callers,
    IReadOnlyDictionary<string, double> BrokerMessages,
    IReadOnlyDictionary<string, double> StoreCommands,
    IReadOnlyList<string> AwaitedWriteNames)
{
    /// <summary>Writes per create that callers wait for.</summary>
    public double AwaitedWrites => AwaitedWriteNames.Sum(name => StoreCommands.GetValueOrDefault(name));

    /// <summary>
    /// Published messages per create, without the deliveries and acknowledgements of the same messages.
    /// </summary>
    public double PublishedMessages => BrokerMessages
        .Where(count => count.Key.StartsWith("publish", StringComparison.Ordinal))
        .Sum(count => count.Value);
}
