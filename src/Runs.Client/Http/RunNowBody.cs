namespace Runs.Client.Http;

/// <summary>The body of a run that a call creates from a schedule.</summary>
internal sealed record RunNowBody(string? RunName, string IdempotencyKey);
