namespace Runs.Tests.Client;

/// <summary>Why a run failed. The API omits a code that is not known.</summary>
public sealed record ApiRunError(string Message, string? Code = null);
