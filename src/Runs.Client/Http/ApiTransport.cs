using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace Runs.Client.Http;

/// <summary>
/// Sends calls through the named clients, and translates every failure into a <see cref="RunsException"/>.
/// </summary>
internal sealed class ApiTransport(IHttpClientFactory clients, IOptions<RunsClientOptions> options)
{
    /// <summary>Sends a call and reads its response.</summary>
    public async Task<T> Send<T>(ApiRequest call, CancellationToken cancellationToken)
    {
        using var response = await Send(call, HttpCompletionOption.ResponseContentRead, cancellationToken);
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize<T>(body, ApiJson.Api) ?? throw new JsonException("The response is null.");
        }
        catch (JsonException exception)
        {
            throw new RunsException("The server's response is not the expected JSON.", exception)
            {
                Status = response.StatusCode,
                RunId = call.RunId,
            };
        }
    }

    /// <summary>Sends a call whose response has no body.</summary>
    public async Task Send(ApiRequest call, CancellationToken cancellationToken)
    {
        using var response = await Send(call, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>
    /// Opens a stream of server-sent events. The response is complete only when its headers are read.
    /// </summary>
    public Task<HttpResponseMessage> OpenStream(ApiRequest call, long lastEventId, CancellationToken cancellationToken) =>
        Send(call, HttpCompletionOption.ResponseHeadersRead, cancellationToken, request =>
        {
            request.Options.Set(RequestOptions.IsStream, value: true);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            if (lastEventId > 0)
            {
                request.Headers.Add("Last-Event-ID", lastEventId.ToString(CultureInfo.InvariantCulture));
            }
        });

    private async Task<HttpResponseMessage> Send(
        ApiRequest call,
        HttpCompletionOption completion,
        CancellationToken cancellationToken,
        Action<HttpRequestMessage>? configure = null)
    {
        using var request = CreateRequest(call);
        configure?.Invoke(request);
        HttpResponseMessage response;
        try
        {
            using var http = clients.CreateClient(call.Client);
            response = await http.SendAsync(request, completion, cancellationToken);
        }
        catch (Exception exception) when (IsUnavailable(exception, cancellationToken))
        {
            throw new RunsUnavailableException("The server did not answer.", exception)
            {
                RunId = call.RunId,
                IsOutcomeUnknown = call.Method != HttpMethod.Get
                    && exception is not (BrokenCircuitException or RateLimiterRejectedException),
            };
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw RunsErrors.Create(response.StatusCode, await Problem.Read(response.Content, cancellationToken), call);
        }
    }

    private HttpRequestMessage CreateRequest(ApiRequest call)
    {
        var address = options.Value.Address!.AbsoluteUri.TrimEnd('/');
        var request = new HttpRequestMessage(call.Method, new Uri(address + call.Path))
        {
            Content = call.Body is null ? null : ApiJson.ToContent(call.Body),
            Headers = { Authorization = call.Token is null ? null : new AuthenticationHeaderValue("Bearer", call.Token) },
        };
        request.Options.Set(RequestOptions.Wait, call.Wait ?? TimeSpan.Zero);
        request.Options.Set(RequestOptions.IsNotIdempotent, !call.IsIdempotent);
        return request;
    }

    // A cancellation by the caller is none of the server's failures.
    private static bool IsUnavailable(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        HttpRequestException or IOException or ExecutionRejectedException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };
}
