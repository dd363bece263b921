namespace Runs.Tests.Client;

/// <summary>The body of an error response (RFC 9457).</summary>
public sealed record ApiProblem(
    string Title,
    int Status,
    string Detail,
    string? Code = null,
    string? RunId = null,
    IReadOnlyList<ApiValidationError>? Errors = null,
    IReadOnlyList<string>? Differences = null);
