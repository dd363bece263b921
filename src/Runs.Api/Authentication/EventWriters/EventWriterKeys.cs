using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Runs.Api.Authentication;

/// <summary>
/// The keys of the tokens of event writers: the one that signs, and those that verify. Their ids are RFC 7638
/// thumbprints, so that every process gives a key the same id. Keys are read when they are first needed.
/// </summary>
/// <param name="options">The configured keys.</param>
/// <param name="logger">The log.</param>
/// <param name="file">The key to use when none is configured; null for none.</param>
internal sealed partial class EventWriterKeys(
    IOptions<AuthOptions> options, ILogger<EventWriterKeys> logger, SigningKeyFile? file = null)
{
    /// <summary>With a larger key, a token could exceed <see cref="EventWriterTokens.MaxTokenBytes"/>.</summary>
    public const int MaxKeyBits = 4096;

    private readonly Lazy<SigningCredentials?> _signing = new(() => ReadSigningKey(options.Value, logger, file));
    private readonly Lazy<IReadOnlyList<RsaSecurityKey>> _configured =
        new(() => [.. options.Value.VerificationKeys.Select(pem => ReadKey(pem, isPrivate: false))]);

    /// <summary>The key that signs; null when this server issues no tokens of event writers.</summary>
    public SigningCredentials? Signing => _signing.Value;

    /// <summary>The public keys that verify, each once.</summary>
    public IReadOnlyList<RsaSecurityKey> Verification =>
    [
        .. (Signing is { Key: RsaSecurityKey key } ? _configured.Value.Prepend(GetPublicKey(key)) : _configured.Value)
            .DistinctBy(verification => verification.KeyId),
    ];

    private static SigningCredentials? ReadSigningKey(AuthOptions options, ILogger logger, SigningKeyFile? file)
    {
        var pem = string.IsNullOrEmpty(options.SigningKey) ? ReadFile(logger, file) : options.SigningKey;
        return pem is null ? null : new SigningCredentials(ReadKey(pem, isPrivate: true), SecurityAlgorithms.RsaSha256);
    }

    // Workers can do without these tokens, so a claim must not fail.
    private static string? ReadFile(ILogger logger, SigningKeyFile? file)
    {
        try
        {
            return file?.ReadOrCreate();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogKeyFileFailed(logger, exception);
            return null;
        }
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

    [LoggerMessage(LogLevel.Error, "The signing key could not be read or created: until a restart, no event writer tokens are issued")]
    private static partial void LogKeyFileFailed(ILogger logger, Exception exception);
}
