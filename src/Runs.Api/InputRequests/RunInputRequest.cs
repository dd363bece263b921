using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>An input request and its run.</summary>
internal sealed record RunInputRequest(Run Run, InputRequest Request);
