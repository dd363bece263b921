using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Runs.Api.Security;

/// <summary>Where the keys that sign tokens come from: a discovery document or a JWKS address.</summary>
internal static class SigningKeys
{
    // A withdrawn key is refused after this time at the latest.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(10);

    // A token with an unknown key asks for the keys again, but not more often than this.
    private static readonly TimeSpan UnknownKeyInterval = TimeSpan.FromSeconds(30);

    /// <summary>The keys of the configured issuer; null when only a configured key can sign.</summary>
    public static ConfigurationManager<OpenIdConnectConfiguration>? Of(AuthOptions auth, TimeProvider clock) => auth switch
    {
        { JwksUri: { } jwks } => Create(jwks, new JwksRetriever(), clock),
        { Authority: { } authority } => Create(
            new Uri(authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration"), new OpenIdConnectConfigurationRetriever(), clock),
        _ => null,
    };

    private static ConfigurationManager<OpenIdConnectConfiguration> Create(
        Uri address, IConfigurationRetriever<OpenIdConnectConfiguration> retriever, TimeProvider clock)
    {
        var documents = new HttpDocumentRetriever(new HttpClient { Timeout = TimeSpan.FromSeconds(10) }) { RequireHttps = !address.IsLoopback };
        return new ConfigurationManager<OpenIdConnectConfiguration>(address.ToString(), retriever, new PausingRetriever(documents, clock))
        {
            AutomaticRefreshInterval = RefreshInterval,
            RefreshInterval = UnknownKeyInterval,
            UseLastKnownGoodConfiguration = false, // it would go on trusting a key that was withdrawn
        };
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

    /// <summary>Fails at once for a second after a failure: while the issuer is away, not every call asks it.</summary>
    private sealed class PausingRetriever(IDocumentRetriever documents, TimeProvider clock) : IDocumentRetriever
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

        private volatile Failure? _last;

        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            if (_last is { } failure && clock.GetElapsedTime(failure.At) < Pause)
            {
                throw new IOException("The issuer's keys could not be read a moment ago.", failure.Cause);
            }

            try
            {
                return await documents.GetDocumentAsync(address, cancel);
            }
            catch (Exception cause)
            {
                _last = new Failure(clock.GetTimestamp(), cause);
                throw;
            }
        }

        private sealed record Failure(long At, Exception Cause);
    }
}
