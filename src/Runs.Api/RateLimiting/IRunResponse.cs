using Runs.Contracts;

namespace Runs.Api.RateLimiting;

/// <summary>The response of a command that contains its run.</summary>
internal interface IRunResponse
{
    /// <summary>The run, with its payload.</summary>
    RunResource Run { get; }
}
