using System.Buffers.Text;
using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Runs.Tests;

/// <summary>Tokens like those of an identity service, signed with a key of the tests.</summary>
public static class TestTokens
{
    private static readonly RSA Key = RSA.Create(2048);

    public const string Issuer = "https://issuer.test";
    public const string Audience = "runs";

    public static string PublicKey { get; } = Key.ExportSubjectPublicKeyInfoPem();

    /// <summary>A private key with which servers sign tokens of event writers.</summary>
    public static string SigningKey { get; } = RSA.Create(2048).ExportPkcs8PrivateKeyPem();

    /// <summary>The public key in the form of an issuer's key set.</summary>
    public static string Jwks { get; } = System.Text.Json.JsonSerializer.Serialize(new
    {
        keys = new[]
        {
            new
            {
                kty = "RSA",
                use = "sig",
                n = Base64Url.EncodeToString(Key.ExportParameters(false).Modulus),
                e = Base64Url.EncodeToString(Key.ExportParameters(false).Exponent),
            },
        },
    });

    public static string Create(
        string? tenant = "acme",
        string? user = "0c1d2e3f-1111-4222-8333-444455556666",
        TimeSpan? lifetime = null,
        RSA? signedBy = null,
        string? audience = Audience,
        string? use = null,
        string? issuer = Issuer,
        string? scope = null)
    {
        Claim?[] claims =
        [
            tenant is null ? null : new Claim("tenant", tenant),
            user is null ? null : new Claim("userId", user),
            use is null ? null : new Claim("tokenUse", use),
            scope is null ? null : new Claim("scope", scope),
        ];
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(
            issuer: issuer,
            audience: audience,
            claims: claims.OfType<Claim>(),
            notBefore: now.AddHours(-2),
            expires: now + (lifetime ?? TimeSpan.FromHours(1)),
            signingCredentials: new SigningCredentials(new RsaSecurityKey(signedBy ?? Key), SecurityAlgorithms.RsaSha256)));
    }

    /// <summary>Creates a token with additional claims, as JSON members, and a header.</summary>
    public static string CreateWithClaims(string members = "", string header = """{"alg":"RS256","typ":"JWT"}""")
    {
        var audience = members.Contains("\"aud\"", StringComparison.Ordinal) ? "" : $",\"aud\":\"{Audience}\"";
        var separator = members.Length > 0 ? "," : "";
        var claims = $$"""{"iss":"{{Issuer}}","exp":4900000000{{audience}}{{separator}}{{members}}}""";
        return Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims));
    }

    /// <summary>Signs any header and any claims, also invalid ones.</summary>
    public static string Sign(byte[] header, byte[] claims)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        var signature = Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
