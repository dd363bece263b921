using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Runs.Api.Http;

/// <summary>
/// Reads a request's body within a deadline and within the memory that the process and the caller's tenant may use for
/// bodies. No permit is held meanwhile: a slow client costs only the memory for what it has sent, until the deadline.
/// </summary>
internal sealed class RequestBodyReader(RequestLimits limits, IOptions<ApiOptions> options, TimeProvider clock)
{
    /// <summary>Reads the whole body, which is released when the request ends.</summary>
    public async Task<Result<BufferedBody>> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        var http = request.HttpContext;
        var body = new BufferedBody(limits.BodyMemory, http.User.FindFirstValue(Caller.TenantClaim) ?? "");
        http.Response.RegisterForDispose(body);
        // Cancels the pending read instead of passing a token: Kestrel cannot drain a body whose read was cancelled by
        // a token, and logs an error.
        using var deadline = new CancellationTokenSource(options.Value.BodyTimeout, clock);
        await using var atDeadline = deadline.Token.Register(http.Features.Get<CompressedBodyStream>() is { } compressed
            ? compressed.CancelPendingRead
            : request.BodyReader.CancelPendingRead);
        var problem = await ReadInto(body, request, cancellationToken);
        if (problem is null)
        {
            return body;
        }

        body.Dispose(); // the response to a client that does not read must not keep the body in memory
        return problem;
    }

    private async Task<ProblemHttpResult?> ReadInto(BufferedBody body, HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellationToken);
                if (read.IsCanceled)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.Start);
                    return Problems.BodyTimeout(options.Value.BodyTimeout);
                }

                var limit = body.Append(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (limit.ToProblem("request bodies in memory") is { } problem)
                {
                    return problem;
                }

                if (body.Length > ApiOptions.MaxBodyBytes)
                {
                    return Problems.BodyTooLarge();
                }

                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Problems.BodyTimeout(options.Value.BodyTimeout); // the cancelled read of a compressed body throws
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return Problems.BodyTooSlow();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problems.BodyTooLarge();
        }
        catch (IOException exception) when (exception is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            return Problems.UnreadableBody(); // Kestrel's exception for a chunk size that is too large for its type
        }
    }
}
