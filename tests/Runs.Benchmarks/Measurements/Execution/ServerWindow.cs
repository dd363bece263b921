using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>What a server did within a time.</summary>
/// <param name="Store">Its commands to the store.</param>
/// <param name="Cores">Its processor time, as a share of one core.</param>
/// <param name="StoreCores">The processor time of the store, as a share of one core.</param>
/// <param name="Bytes">Its resident memory at the end.</param>
internal sealed record ServerWindow(StoreTraffic Store, double Cores, double StoreCores, long Bytes);
