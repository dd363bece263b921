namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>The config of a run that worker processes execute.</summary>
/// <param name="Steps">The number of steps of an attempt. Each step appends an event.</param>
/// <param name="StepMilliseconds">The duration of a step.</param>
internal sealed record StepConfig(int Steps, int StepMilliseconds);
