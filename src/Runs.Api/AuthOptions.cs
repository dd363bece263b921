using Runs.Contracts;

namespace Runs.Api;

/// <summary>Who may call, section <c>Auth</c>. Checked by <see cref="Security.AuthOptionsValidator"/>.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>What <see cref="Issuer"/> or <see cref="Audience"/> is when any will do.</summary>
    public const string Any = "*";

    /// <summary>The API keys of the configuration, read at the start. Others are in the store.</summary>
    public List<ApiKeyOptions> ApiKeys { get; init; } = [];

    /// <summary>The issuer of tokens: its keys are read from the discovery document.</summary>
    public Uri? Authority { get; init; }

    /// <summary>Where the issuer's keys are, when there is no discovery document: a JWKS address.</summary>
    public Uri? JwksUri { get; init; }

    /// <summary>An RSA public key in PEM, for an issuer that publishes none.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The issuer that tokens must name, or <c>*</c>. With <see cref="Authority"/> the discovery document names it.</summary>
    public string? Issuer { get; init; }

    /// <summary>The audience that tokens must name, or <c>*</c>.</summary>
    public string? Audience { get; init; }

    /// <summary>The scopes of a token that has no claim <c>scope</c> or <c>scopes</c>, separated by blanks.</summary>
    public string TokenScopes { get; init; } = string.Join(' ', Security.Scopes.Default);

    /// <summary>What the claims <c>tokenUse</c> and <c>token_use</c> may be where a token has them, separated by blanks.</summary>
    public string TokenUses { get; init; } = "access";

    /// <summary>Whether keys of the store are valid, too: those that <c>keys create</c> makes.</summary>
    public bool StoredKeys { get; init; } = true;

    /// <summary>How long a key of the store is remembered, and so how late its revocation may take effect.</summary>
    public TimeSpan KeyCacheTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether tokens of an external issuer are accepted.</summary>
    public bool HasSigner => Authority is not null || JwksUri is not null || !string.IsNullOrEmpty(PublicKey);
}

/// <summary>One API key, <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>, as the server knows it: without the secret.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>What it is found by. Letters and digits.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>SHA-256 of the secret, in hex.</summary>
    public string SecretSha256 { get; init; } = "";

    /// <summary>The account that the key belongs to.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The user that runs are created by.</summary>
    public Guid? UserId { get; init; }

    /// <summary>What the key may do, separated by blanks. Without it: <c>read write execute answer</c>.</summary>
    public string? Scopes { get; init; }

    /// <summary>The ids of the projects whose runs the key may see and make, separated by blanks. Without it: all of the tenant.</summary>
    public string? Projects { get; init; }

    /// <summary><see cref="ResponderTypes"/>: who answers with this key.</summary>
    public string ActorType { get; init; } = ResponderTypes.System;

    /// <summary>When the key begins to be valid.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the key ceases to be valid.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}
