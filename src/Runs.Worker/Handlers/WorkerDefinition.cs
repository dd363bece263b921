namespace Runs.Worker;

/// <summary>A worker as the application describes it.</summary>
/// <param name="Name">The name; empty for the worker without one.</param>
/// <param name="Handlers">Its handlers.</param>
internal sealed record WorkerDefinition(string Name, HandlerTable Handlers);
