using Runs.Contracts;

namespace Runs.Api.Authentication;

/// <summary>The API key that is accepted in the Development environment only.</summary>
public static class DevelopmentApiKey
{
    /// <summary>The whole key.</summary>
    public const string Key = "vf_dev_secret";

    /// <summary>The tenant that it belongs to.</summary>
    public const string Tenant = "dev";

    internal static ApiKeyOptions Options { get; } = new()
    {
        Prefix = "dev",
        SecretSha256 = ApiKey.ComputeHash("secret"),
        Tenant = Tenant,
        UserId = new Guid("00000000-0000-4000-8000-00000000de70"),
        Scopes = string.Join(' ', Scopes.All),
        ActorType = ResponderTypes.Human, // the developer
    };
}
