using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Runs.Api.Authentication;

/// <summary>
/// The keys of the tokens of event writers: the one that signs, and those that verify. Their ids are RFC 7638
/// thumbprints, so that every process gives a key the same id. Keys are read when they are first needed.
/// </summary>
/// <param name="options">The configured keys.</param>
/// <param name="file">The key to use when none is configured; null for none.</param>
internal sealed class EventWriterKeys(IOptions<AuthOptions> options, SigningKeyFile? file = null)
{
    /// <summary>With a larger key, a token could exceed <see cref="EventWriterTokens.MaxTokenBytes"/>.</summary>
    public const int MaxKeyBits = 4096;

    private readonly Lazy<SigningCredentials?> _signing = new(() => ReadSigningKey(options.Value, file));
    private readonly Lazy<IReadOnlyList<RsaSecurityKey>> _configured =
        new(() => [.. options.Value.VerificationKeys.Select(pem => ReadKey(pem, isPrivate: false))]);

    /// <summary>The key that signs; null when this server issues no tokens of event writers.</summary>
    /// <exception cref="IOException">The key file cannot be read or created.</exception>
    public SigningCredentials? Signing => _signing.Value;

    /// <summary>The public keys that verify, each once.</summary>
    /// <inheritdoc cref="Signing" path="/exception"/>
    public IReadOnlyList<RsaSecurityKey> Verification =>
    [
        .. (Signing is { Key: RsaSecurityKey key } ? _configured.Value.Prepend(GetPublicKey(key)) : _configured.Value)
            .DistinctBy(verification => verification.KeyId),
    ];

    private static SigningCredentials? ReadSigningKey(AuthOptions options, SigningKeyFile? file)
    {
        var pem = string.IsNullOrEmpty(options.SigningKey) ? file?.ReadOrCreate() : options.SigningKey;
        return pem is null ? null : new SigningCredentials(ReadKey(pem, isPrivate: true), SecurityAlgorithms.RsaSha256);
    }

    // Of the parameters: an RSA instance is not safe for concurrent use.
    private static RsaSecurityKey ReadKey(string pem, bool isPrivate)
    {
        using var rsa = RsaPem.Read(pem);
        return WithId(new RsaSecurityKey(rsa.ExportParameters(isPrivate)));
    }

    private static RsaSecurityKey GetPublicKey(RsaSecurityKey key) => WithId(new RsaSecurityKey(new RSAParameters
    {
        Modulus = key.Parameters.Modulus,
        Exponent = key.Parameters.Exponent,
    }));

    private static RsaSecurityKey WithId(RsaSecurityKey key)
    {
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }
}
