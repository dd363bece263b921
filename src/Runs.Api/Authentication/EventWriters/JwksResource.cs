namespace Runs.Api.Authentication;

/// <summary>A JSON Web Key Set.</summary>
/// <param name="Keys">The keys; empty when this server issues no tokens.</param>
internal sealed record JwksResource(IReadOnlyList<JwkResource> Keys);
