namespace Runs.Validation;

/// <summary>One error in a message or body.</summary>
/// <param name="Pointer">The JSON Pointer (RFC 6901) to the invalid member.</param>
/// <param name="Detail">
/// The human-readable error: a sentence without its subject, such as <c>must be a UUID.</c> Never contains the value.
/// </param>
internal sealed record ValidationError(string Pointer, string Detail);
