using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Runs.Api.Security;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>JWT bearer tokens (RS256) and API keys. What a credential may do is decided by <see cref="ScopeAuthorization"/>.</summary>
internal static class Authentication
{
    private const string Either = "Either";

    // Tokens for hosted sites are signed with the same keys and are no API credentials.
    private const string SiteAudience = "environment-gate";

    // RFC 9068 names the type of access tokens. Logout, identity and other tokens name another one; a token without a type is taken.
    private static readonly string[] TokenTypes = ["JWT", "at+jwt", "application/at+jwt"];

    public static IServiceCollection AddRunsAuthentication(this IServiceCollection services, bool isDevelopment)
    {
        services.AddValidatedOptions<AuthOptions>(AuthOptions.Section);
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptionsValidator>();
        if (isDevelopment)
        {
            services.PostConfigure<AuthOptions>(options => options.ApiKeys.Add(DevelopmentKey.Record));
        }

        services.AddSingleton<StoredKeyLookup>();
        services.AddSingleton<ApiKeys>();
        services.AddHostedService<AuthenticationWarnings>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = context =>
                ApiKeyAuthentication.CredentialOf(context.Request) is { } credential
                && (ApiKey.LooksLikeOne(credential) || context.Request.Headers.Authorization.Count == 0)
                    ? ApiKeyAuthentication.SchemeName
                    : JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IOptions<AuthOptions>, TimeProvider>(
            (jwt, auth, clock) => Trust(jwt, auth.Value, clock));
        services.AddScopePolicies();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationResults>();
        return services;
    }

    private static void Trust(JwtBearerOptions jwt, AuthOptions auth, TimeProvider clock)
    {
        jwt.MapInboundClaims = false;
        jwt.IncludeErrorDetails = false;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            TypeValidator = (type, _, _) => string.IsNullOrEmpty(type) || TokenTypes.Contains(type, StringComparer.OrdinalIgnoreCase)
                ? type
                : throw new SecurityTokenInvalidTypeException("The token is of another type."),
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            ValidIssuer = auth.Issuer,
            ValidateIssuer = auth.Issuer != AuthOptions.Any,
            AudienceValidator = (audiences, _, _) =>
                !audiences.Contains(SiteAudience) && (auth.Audience == AuthOptions.Any || audiences.Contains(auth.Audience)),
            IssuerSigningKey = string.IsNullOrEmpty(auth.PublicKey) ? null : KeyFrom(auth.PublicKey),
        };
        if (SigningKeys.Of(auth, clock) is { } keys)
        {
            jwt.ConfigurationManager = keys;
        }
        else
        {
            jwt.Configuration = new OpenIdConnectConfiguration(); // nothing to discover; only a configured key can sign
        }

        jwt.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.SecurityToken is JsonWebToken token && TokenClaims.Read(token, auth) is { } credential)
                {
                    context.Principal = credential.ToPrincipal(context.Scheme.Name);
                }
                else
                {
                    context.Fail("The token is no API credential.");
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = async context =>
            {
                if (context.Exception is SecurityTokenSignatureKeyNotFoundException && !await HasKeys(context.Options, context.HttpContext.RequestAborted))
                {
                    context.HttpContext.Features.Set(new UncheckedCredential());
                }
            },
        };
    }

    // Without the issuer's keys every token looks as if it had a wrong signature.
    private static async Task<bool> HasKeys(JwtBearerOptions jwt, CancellationToken aborted)
    {
        try
        {
            return jwt.ConfigurationManager is null || await jwt.ConfigurationManager.GetConfigurationAsync(aborted) is not null;
        }
        catch (Exception away) when (away is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static RsaSecurityKey KeyFrom(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new RsaSecurityKey(rsa);
    }
}

/// <summary>The key that works in the Development environment and nowhere else.</summary>
public static class DevelopmentKey
{
    /// <summary>The whole key.</summary>
    public const string Text = "vf_dev_secret";

    /// <summary>The tenant that it belongs to.</summary>
    public const string Tenant = "dev";

    internal static ApiKeyOptions Record { get; } = new()
    {
        Prefix = "dev",
        SecretSha256 = ApiKey.HashOf("secret"),
        Tenant = Tenant,
        UserId = new Guid("00000000-0000-4000-8000-00000000de70"),
        Scopes = string.Join(' ', Scopes.All),
        ActorType = ResponderTypes.Human, // the developer
    };
}
