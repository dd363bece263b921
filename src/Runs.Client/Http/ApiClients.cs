using Microsoft.Extensions.DependencyInjection;

namespace Runs.Client.Http;

/// <summary>The named HTTP clients. Each has a separate connection pool.</summary>
internal static class ApiClients
{
    /// <summary>Calls that are answered at once.</summary>
    public const string Calls = "runs";

    /// <summary>Long polls and streams.</summary>
    public const string Polls = "runs-polls";

    // Larger than any response of the API.
    private const long MaxResponseBytes = 64 * 1024 * 1024;

    /// <summary>Adds a named client. Only its pipeline and the caller's token limit the time of a request.</summary>
    public static IHttpClientBuilder AddApiClient(this IServiceCollection services, string name) => services.AddHttpClient(name)
        .ConfigureHttpClient(client =>
        {
            client.Timeout = Timeout.InfiniteTimeSpan;
            client.MaxResponseContentBufferSize = MaxResponseBytes;
        })
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirect must not get the credential
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2), // follows changes of the server's addresses
        })
        .RemoveAllLoggers(); // they log every poll

    /// <summary>Adds what happens once in each attempt to send a request, below the pipeline.</summary>
    public static IHttpClientBuilder AddInnerHandlers(this IHttpClientBuilder client) =>
        client.AddHttpMessageHandler<AuthorizationHandler>().AddHttpMessageHandler<ResponseBufferHandler>();
}
