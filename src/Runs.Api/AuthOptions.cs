using System.ComponentModel.DataAnnotations;

namespace Runs.Api;

/// <summary>Who may call, section <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>The API keys. A server without any knows tokens only.</summary>
    public List<ApiKeyOptions> ApiKeys { get; init; } = [];

    /// <summary>The issuer of tokens: its keys are read from the discovery document.</summary>
    public Uri? Authority { get; init; }

    /// <summary>Where the issuer's keys are, when there is no discovery document: a JWKS address.</summary>
    public Uri? JwksUri { get; init; }

    /// <summary>An RSA public key in PEM, for an issuer that publishes none.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The issuer that tokens must name. Not looked at when absent.</summary>
    public string? Issuer { get; init; }

    /// <summary>The audience that tokens must name. Not looked at when absent.</summary>
    public string? Audience { get; init; }
}

/// <summary>One API key, <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>, as the server knows it: without the secret.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>What it is found by. Letters and digits.</summary>
    [Required, RegularExpression("^[A-Za-z0-9]{1,64}$")]
    public string Prefix { get; init; } = null!;

    /// <summary>SHA-256 of the secret, in hex.</summary>
    [Required, RegularExpression("^[0-9A-Fa-f]{64}$")]
    public string SecretSha256 { get; init; } = null!;

    /// <summary>The account that the key belongs to.</summary>
    [Required, StringLength(128, MinimumLength = 1)]
    public string Tenant { get; init; } = null!;

    /// <summary>The user that runs are created by.</summary>
    public Guid? UserId { get; init; }
}
