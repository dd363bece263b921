namespace Runs.Tests.Client;

/// <summary>An invalid member or parameter of a request.</summary>
public sealed record ApiValidationError(string Pointer, string Detail);
