using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Adds JWT bearer tokens (RS256), API keys, and the tokens of workers and event writers. Authorization is in
/// <see cref="ScopeAuthorizationExtensions"/>.
/// </summary>
internal static class RunsAuthenticationServiceCollectionExtensions
{
    private const string BearerOrApiKey = "BearerOrApiKey";

    // Site tokens share the signing key; reject them by audience.
    private const string HostedSiteAudience = "environment-gate";

    // RFC 9068 defines the type of access tokens. Logout, identity and other tokens have another type. A token without
    // a type is accepted.
    private static readonly string[] AcceptedTokenTypes = ["JWT", "at+jwt", "application/at+jwt"];

    public static IServiceCollection AddRunsAuthentication(this IServiceCollection services, bool isDevelopment)
    {
        services.AddValidatedOptions<AuthOptions>(AuthOptions.Section);
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptionsValidator>();
        if (isDevelopment)
        {
            services.PostConfigure<AuthOptions>(options => options.ApiKeys.Add(DevelopmentApiKey.Options));
        }

        services.AddSingleton<StoredKeyLookup>();
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<WorkerLookup>();
        services.AddSingleton<WorkerCache>();
        services.AddSingleton<EventWriterKeys>();
        services.AddSingleton<EventWriterTokens>();
        services.AddHostedService<AuthenticationWarnings>();
        services.AddAuthentication(BearerOrApiKey)
            .AddPolicyScheme(BearerOrApiKey, null, scheme => scheme.ForwardDefaultSelector = context =>
                WorkerTokenAuthenticationHandler.GetToken(context.Request) is not null ? WorkerTokenAuthenticationHandler.SchemeName
                : EventWriterAuthenticationHandler.GetToken(context.Request) is not null ? EventWriterAuthenticationHandler.SchemeName
                : ApiKeyAuthenticationHandler.GetCredential(context.Request) is { } credential
                && (ApiKey.HasSchemePrefix(credential) || context.Request.Headers.Authorization.Count == 0)
                    ? ApiKeyAuthenticationHandler.SchemeName
                    : JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthenticationHandler>(ApiKeyAuthenticationHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, WorkerTokenAuthenticationHandler>(WorkerTokenAuthenticationHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, EventWriterAuthenticationHandler>(EventWriterAuthenticationHandler.SchemeName, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<AuthOptions>, TimeProvider, ILoggerFactory>((jwt, auth, clock, loggers) =>
                ConfigureJwtBearer(jwt, auth.Value, clock, loggers.CreateLogger(typeof(SigningKeyConfiguration).FullName!)));
        services.AddScopePolicies();
        services.AddWorkerPolicy();
        services.AddEventWriterPolicy();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, ScopeAuthorizationResultHandler>();
        return services;
    }

    private static void ConfigureJwtBearer(JwtBearerOptions jwt, AuthOptions auth, TimeProvider clock, ILogger logger)
    {
        jwt.MapInboundClaims = false;
        jwt.IncludeErrorDetails = false;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            TypeValidator = (type, _, _) => IsAcceptedType(type)
                ? type
                : throw new SecurityTokenInvalidTypeException("The token is of another type."),
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            ValidIssuer = auth.Issuer,
            ValidateIssuer = auth.Issuer != AuthOptions.Wildcard,
            AudienceValidator = (audiences, _, _) =>
                !audiences.Contains(HostedSiteAudience) && (auth.Audience == AuthOptions.Wildcard || audiences.Contains(auth.Audience)),
            IssuerSigningKey = string.IsNullOrEmpty(auth.PublicKey) ? null : CreateSecurityKey(auth.PublicKey),
        };
        if (SigningKeyConfiguration.CreateManager(auth, clock, logger) is { } keys)
        {
            jwt.ConfigurationManager = keys;
        }
        else
        {
            jwt.Configuration = new OpenIdConnectConfiguration(); // no discovery: only the configured key can sign
        }

        jwt.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.SecurityToken is JsonWebToken token && TokenClaimsReader.Read(token, auth) is { } credential)
                {
                    context.Principal = credential.ToPrincipal(context.Scheme.Name);
                }
                else
                {
                    context.Fail("The token is not an API credential.");
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = async context =>
            {
                if (context.Exception is SecurityTokenSignatureKeyNotFoundException
                    && !await HasSigningKeys(context.Options, context.HttpContext.RequestAborted))
                {
                    context.HttpContext.Features.Set(new CredentialNotCheckedFeature());
                }
            },
        };
    }

    private static bool IsAcceptedType(string? type) =>
        string.IsNullOrEmpty(type) || AcceptedTokenTypes.Contains(type, StringComparer.OrdinalIgnoreCase);

    // Without the issuer's keys, every token fails as if its signature were invalid.
    private static async Task<bool> HasSigningKeys(JwtBearerOptions jwt, CancellationToken cancellationToken)
    {
        try
        {
            return jwt.ConfigurationManager is null || await jwt.ConfigurationManager.GetConfigurationAsync(cancellationToken) is not null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static RsaSecurityKey CreateSecurityKey(string pem) => new(RsaPem.Read(pem));
}
