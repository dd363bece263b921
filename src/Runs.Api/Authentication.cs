using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Runs.Api;

/// <summary>JWT bearer tokens (RS256) and API keys, and the one policy: a tenant is known.</summary>
internal static class Authentication
{
    private const string Either = "Either";

    // Tokens for hosted sites are signed with the same keys and are no API credentials.
    private const string SiteAudience = "environment-gate";

    public static IServiceCollection AddRunsAuthentication(this IServiceCollection services, bool isDevelopment)
    {
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (isDevelopment)
        {
            services.PostConfigure<AuthOptions>(options => options.ApiKeys.Add(DevelopmentKey.Record));
        }

        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = context =>
                ApiKeyAuthentication.CredentialOf(context.Request) is { } credential
                && (ApiKey.LooksLikeOne(credential) || context.Request.Headers.Authorization.Count == 0)
                    ? ApiKeyAuthentication.SchemeName
                    : JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IOptions<AuthOptions>>((jwt, auth) => Trust(jwt, auth.Value));
        services.AddAuthorizationBuilder().SetDefaultPolicy(
            new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireAssertion(context => Caller.HasTenant(context.User)).Build());
        return services;
    }

    private static void Trust(JwtBearerOptions jwt, AuthOptions auth)
    {
        jwt.MapInboundClaims = false;
        jwt.IncludeErrorDetails = false;
        jwt.Authority = auth.Authority?.ToString();
        jwt.RequireHttpsMetadata = auth.Authority is { IsLoopback: false };
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            ValidIssuer = auth.Issuer,
            ValidateIssuer = auth.Issuer is not null || auth.Authority is not null,
            AudienceValidator = (audiences, _, _) => !audiences.Contains(SiteAudience) && (auth.Audience is null || audiences.Contains(auth.Audience)),
            IssuerSigningKey = auth.PublicKey is null ? null : KeyFrom(auth.PublicKey),
        };
        if (auth.JwksUri is { } jwks)
        {
            jwt.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                jwks.ToString(), new JwksRetriever(), new HttpDocumentRetriever { RequireHttps = !jwks.IsLoopback });
        }
        else if (jwt.Authority is null)
        {
            jwt.Configuration = new OpenIdConnectConfiguration(); // nothing to discover; only a configured key can sign
        }

        jwt.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.Principal?.FindFirst(Caller.UserClaim) is null || context.Principal.FindFirst("tokenUse") is { Value: not "" })
                {
                    context.Fail("The token is no API credential.");
                }

                return Task.CompletedTask;
            },
        };
    }

    private static RsaSecurityKey KeyFrom(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new RsaSecurityKey(rsa);
    }

    private sealed class JwksRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var keys = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel));
            var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
            foreach (var key in keys.GetSigningKeys())
            {
                configuration.SigningKeys.Add(key);
            }

            return configuration;
        }
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
    };
}
