namespace Runs.Api.Http;

/// <summary>One invalid member.</summary>
/// <param name="Pointer">A JSON Pointer (RFC 6901) into the body, or the name of a query or path parameter.</param>
/// <param name="Detail">What is invalid.</param>
public sealed record ValidationErrorResource(string Pointer, string Detail);
