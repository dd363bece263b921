using Runs.Contracts;

namespace Runs.Api.Authentication;

/// <summary>One API key, <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>, without its secret.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>The key's prefix, by which it is looked up. Letters and digits.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>SHA-256 of the secret, in hex.</summary>
    public string SecretSha256 { get; init; } = "";

    /// <summary>The tenant that the key belongs to.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The user recorded as the creator of runs.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The scopes of the key, separated by spaces. Default: <c>read write execute answer</c>.</summary>
    public string? Scopes { get; init; }

    /// <summary>
    /// The ids of the projects whose runs the key may read and create, separated by spaces. Default: all of the tenant.
    /// </summary>
    public string? Projects { get; init; }

    /// <summary>
    /// <see cref="ResponderTypes"/>: the responder type recorded for input requests answered with this key.
    /// </summary>
    public string ActorType { get; init; } = ResponderTypes.System;

    /// <summary>The start of the key's validity.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The end of the key's validity.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}
