namespace Runs.Api.Authentication;

/// <summary>Settings of authentication, section <c>Auth</c>.</summary>
/// <remarks>Validated by <see cref="AuthOptionsValidator"/>.</remarks>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>The value of <see cref="Issuer"/> or <see cref="Audience"/> that accepts any.</summary>
    public const string Wildcard = "*";

    /// <summary>The API keys of the configuration, read at startup. Other keys are in the store.</summary>
    public List<ApiKeyOptions> ApiKeys { get; init; } = [];

    /// <summary>The issuer of tokens. Its signing keys are read from its discovery document.</summary>
    public Uri? Authority { get; init; }

    /// <summary>The JWKS address of the issuer's signing keys, when there is no discovery document.</summary>
    public Uri? JwksUri { get; init; }

    /// <summary>An RSA public key in PEM, for an issuer that publishes no keys.</summary>
    public string? PublicKey { get; init; }

    /// <summary>
    /// The issuer that tokens must name, or <c>*</c> for any. With <see cref="Authority"/>, the discovery document
    /// names it.
    /// </summary>
    public string? Issuer { get; init; }

    /// <summary>The audience that tokens must name, or <c>*</c> for any.</summary>
    public string? Audience { get; init; }

    /// <summary>The scopes of a token that has no claim <c>scope</c> or <c>scopes</c>, separated by spaces.</summary>
    public string DefaultTokenScopes { get; init; } = string.Join(' ', Scopes.Default);

    /// <summary>
    /// The allowed values of the claims <c>tokenUse</c> and <c>token_use</c>, separated by spaces. A token without them
    /// is accepted.
    /// </summary>
    public string AllowedTokenUses { get; init; } = "access";

    /// <summary>Whether keys in the store are accepted: those that <c>keys create</c> creates.</summary>
    public bool AcceptStoredKeys { get; init; } = true;

    /// <summary>How long a stored key is cached. This bounds how late a revocation takes effect.</summary>
    public TimeSpan KeyCacheDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a registered worker is cached. This bounds how late its revocation, or a change of its targets,
    /// takes effect in other processes.
    /// </summary>
    public TimeSpan WorkerCacheDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// An RSA private key in PEM, of 2,048 to 4,096 bits: it signs the tokens with which event writers append to one
    /// run (<c>run_event_token</c>). Without it, a server on MongoDB issues none, and one on SQLite creates a key in
    /// the file <c>signing-key.pem</c> of <c>Sqlite:DataDirectory</c>.
    /// </summary>
    public string? SigningKey { get; init; }

    /// <summary>
    /// RSA public keys in PEM that also verify tokens of event writers: the next or the previous <c>SigningKey</c>
    /// during a rotation.
    /// </summary>
    public List<string> VerificationKeys { get; init; } = [];

    /// <summary>Whether tokens of an external issuer are accepted.</summary>
    public bool AcceptsTokens => Authority is not null || JwksUri is not null || !string.IsNullOrEmpty(PublicKey);
}
