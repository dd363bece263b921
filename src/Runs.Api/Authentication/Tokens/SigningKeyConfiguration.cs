using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>Retrieves the keys that sign tokens, from a discovery document or a JWKS address.</summary>
internal static partial class SigningKeyConfiguration
{
    // A withdrawn key is rejected after this time at the latest.
    private static readonly TimeSpan AutomaticRefreshInterval = TimeSpan.FromMinutes(10);

    // A token with an unknown key refreshes the keys, at most once in this interval.
    private static readonly TimeSpan MinRefreshInterval = TimeSpan.FromSeconds(30);

    /// <summary>The keys of the configured issuer; null when only a configured key can sign.</summary>
    public static ConfigurationManager<OpenIdConnectConfiguration>? CreateManager(
        AuthOptions auth, TimeProvider clock, ILogger logger) => auth switch
        {
            { JwksUri: { } jwks } => CreateManagerFor(jwks, new JwksConfigurationRetriever(), clock, logger),
            { Authority: { } authority } => CreateManagerFor(
                new Uri($"{authority.ToString().TrimEnd('/')}/.well-known/openid-configuration"),
                new OpenIdConnectConfigurationRetriever(),
                clock,
                logger),
            _ => null,
        };

    private static ConfigurationManager<OpenIdConnectConfiguration> CreateManagerFor(
        Uri address, IConfigurationRetriever<OpenIdConnectConfiguration> retriever, TimeProvider clock, ILogger logger)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var documents = new CircuitBreakingRetriever(
            new HttpDocumentRetriever(http) { RequireHttps = !address.IsLoopback }, clock, logger);
        return new ConfigurationManager<OpenIdConnectConfiguration>(address.ToString(), retriever, documents)
        {
            AutomaticRefreshInterval = AutomaticRefreshInterval,
            RefreshInterval = MinRefreshInterval,
            UseLastKnownGoodConfiguration = false, // it would keep trusting a withdrawn key
        };
    }

    private sealed class JwksConfigurationRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
            string address, IDocumentRetriever retriever, CancellationToken cancel)
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

    /// <summary>
    /// Fails immediately for one second after a failure, so that an unavailable issuer is not called for every request.
    /// </summary>
    private sealed class CircuitBreakingRetriever(IDocumentRetriever documents, TimeProvider clock, ILogger logger) : IDocumentRetriever
    {
        private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(1);

        private readonly LogLimiter _failureLimiter = new(1, TimeSpan.FromMinutes(1), clock);

        private volatile Failure? _lastFailure;

        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            if (_lastFailure is { } failure && clock.GetElapsedTime(failure.At) < BreakDuration)
            {
                throw new IOException("The issuer's keys could not be read a moment ago.", failure.Cause);
            }

            try
            {
                return await documents.GetDocumentAsync(address, cancel);
            }
            catch (Exception exception)
            {
                _lastFailure = new Failure(clock.GetTimestamp(), exception);
                LogFailure(exception, new Uri(address));
                throw;
            }
        }

        // Without user information and query, which may have a secret.
        private void LogFailure(Exception exception, Uri address)
        {
            if (_failureLimiter.TryAcquire())
            {
                LogKeysNotRead(
                    logger, exception, address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
            }
        }

        private sealed record Failure(long At, Exception Cause);
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The issuer's keys could not be read from {Address}. Tokens are checked with the keys that were read before; "
        + "if there are none, they are answered with 503")]
    private static partial void LogKeysNotRead(ILogger logger, Exception exception, string address);
}
