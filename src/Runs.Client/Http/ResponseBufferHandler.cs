namespace Runs.Client.Http;

/// <summary>
/// Reads the whole response inside the pipeline, so that a response that breaks off, or arrives too slowly, is retried.
/// </summary>
internal sealed class ResponseBufferHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Options.TryGetValue(RequestOptions.IsStream, out var isStream) && isStream)
        {
            return response;
        }

        try
        {
#if NET9_0_OR_GREATER
            await response.Content.LoadIntoBufferAsync(cancellationToken);
#else
            await response.Content.LoadIntoBufferAsync().WaitAsync(cancellationToken);
#endif
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
