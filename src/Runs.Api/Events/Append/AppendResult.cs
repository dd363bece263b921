using Runs.Store;

namespace Runs.Api.Events;

/// <summary>The result of an append.</summary>
/// <param name="Run">The run with the new end of its log.</param>
/// <param name="Count">The number of events that the append added.</param>
internal readonly record struct AppendResult(Run Run, int Count);
