namespace Runs.Contracts;

/// <summary>One thing that is wrong with a message or body.</summary>
/// <param name="Pointer">Where: a JSON Pointer (RFC 6901) to the member.</param>
/// <param name="Detail">What is wrong, for people: a sentence without its subject, such as <c>must be a UUID.</c> Never repeats the value.</param>
public sealed record InvalidMember(string Pointer, string Detail);
