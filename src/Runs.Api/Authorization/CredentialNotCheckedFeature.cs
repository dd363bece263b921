namespace Runs.Api.Authorization;

/// <summary>
/// Marks a request whose credential could not be checked because the key store or the issuer is unavailable.
/// </summary>
internal sealed class CredentialNotCheckedFeature;
