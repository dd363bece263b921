using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Runs.Client.Http;

/// <summary>Adds the client's credential to a request that has none, before every attempt to send it.</summary>
internal sealed class AuthorizationHandler(IOptions<RunsClientOptions> options) : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<bool> HasClientCredential = new("runs.client-credential");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null || request.Options.TryGetValue(HasClientCredential, out _))
        {
            var credential = options.Value.Token is { } token ? await token(cancellationToken) : options.Value.ApiKey;
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
            request.Options.Set(HasClientCredential, value: true);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
