using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>The body of a response to an input request.</summary>
internal sealed record RespondBody(RawJson Values);
