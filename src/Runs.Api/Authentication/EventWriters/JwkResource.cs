using Microsoft.IdentityModel.Tokens;

namespace Runs.Api.Authentication;

/// <summary>A public RSA key for signatures, as a JSON Web Key (RFC 7517).</summary>
/// <param name="Kty">The key type.</param>
/// <param name="Use">What the key is for.</param>
/// <param name="Alg">The signature algorithm.</param>
/// <param name="Kid">The id of the key, which the header of a token names.</param>
/// <param name="N">The modulus in base64url.</param>
/// <param name="E">The exponent in base64url.</param>
internal sealed record JwkResource(string Kty, string Use, string Alg, string Kid, string N, string E)
{
    public static JwkResource From(RsaSecurityKey key) => new(
        "RSA",
        "sig",
        SecurityAlgorithms.RsaSha256,
        key.KeyId,
        Base64UrlEncoder.Encode(key.Parameters.Modulus),
        Base64UrlEncoder.Encode(key.Parameters.Exponent));
}
