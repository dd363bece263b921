using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Reads the body of a request under a deadline and within the memory that the process and the caller's tenant may use for bodies. It holds no permit meanwhile: a slow
/// client costs what it has sent, and only for so long.
/// </summary>
internal sealed class RequestBodyReader(RequestLimits limits, IOptions<ApiOptions> options, TimeProvider clock)
{
    /// <summary>The whole body, which is released when the request ends, or the problem with it.</summary>
    public async Task<(BufferedBody? Body, ProblemHttpResult? Problem)> Read(HttpRequest request, CancellationToken aborted)
    {
        var http = request.HttpContext;
        var body = new BufferedBody(limits.BodyMemory, http.User.FindFirstValue(Caller.TenantClaim) ?? "");
        http.Response.RegisterForDispose(body);
        // Cancel the pending read, do not pass a token: Kestrel cannot drain a body whose read was cancelled by a token, and logs an error.
        using var deadline = new CancellationTokenSource(options.Value.BodyTimeout, clock);
        await using var atDeadline = deadline.Token.Register(request.BodyReader.CancelPendingRead);
        var problem = await Fill(body, request, aborted);
        if (problem is null)
        {
            return (body, null);
        }

        body.Dispose(); // the answer to a client that does not read must not hold what the client sent
        return (null, problem);
    }

    private async Task<ProblemHttpResult?> Fill(BufferedBody body, HttpRequest request, CancellationToken aborted)
    {
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(aborted);
                if (read.IsCanceled)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.Start);
                    return Problems.BodyTimeout(options.Value.BodyTimeout);
                }

                var limit = body.Append(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (limit.Problem("bytes of bodies", "bytes of bodies are in memory") is { } problem)
                {
                    return problem;
                }

                if (body.Length > ApiOptions.MaxBodyBytes)
                {
                    return Problems.TooLarge();
                }

                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (BadHttpRequestException slow) when (slow.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return Problems.BodyTimeout(options.Value.BodyTimeout);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problems.TooLarge();
        }
    }
}
