namespace Runs.Benchmarks.Wire;

/// <summary>What goes over the wire for a create of one subject, counted between it and its broker and store.</summary>
/// <param name="Target">Whose.</param>
/// <param name="Callers">How many asked at a time.</param>
/// <param name="BrokerMessages">Messages per create, by name.</param>
/// <param name="StoreCommands">Commands per create, by name.</param>
/// <param name="AwaitedWriteNames">The writes that a caller waits for: when they are held back, so is the answer. Found out with one caller only.</param>
internal sealed record WireCost(
    string Target, int Callers, IReadOnlyDictionary<string, double> BrokerMessages, IReadOnlyDictionary<string, double> StoreCommands, IReadOnlyList<string> AwaitedWriteNames)
{
    /// <summary>Writes per create that callers wait for.</summary>
    public double AwaitedWrites => AwaitedWriteNames.Sum(name => StoreCommands.GetValueOrDefault(name));

    /// <summary>Messages per create that somebody publishes: deliveries and acknowledgements are of the same messages.</summary>
    public double PublishedMessages => BrokerMessages.Where(count => count.Key.StartsWith("publish", StringComparison.Ordinal)).Sum(count => count.Value);
}
