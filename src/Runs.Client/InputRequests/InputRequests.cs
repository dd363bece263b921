using System.Runtime.CompilerServices;
using Runs.Client.Http;

namespace Runs.Client;

/// <summary>The forms that runs wait for. Get it from <see cref="RunsClient.Inputs"/>.</summary>
public sealed class InputRequests
{
    private readonly ApiTransport _transport;

    internal InputRequests(ApiTransport transport) => _transport = transport;

    /// <summary>Opens a form, and makes its run wait. A repeat for the same tool call changes nothing.</summary>
    /// <exception cref="RunConflictException">The run waits for something else, or has ended.</exception>
    public Task<InputRequest> Create(InputRequestScope scope, NewInputRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(request);
        return _transport.Send<InputRequest>(
            new ApiRequest(HttpMethod.Post, scope.Path) { Body = request, RunId = request.RunId }, cancellationToken);
    }

    /// <summary>Lists input requests, newest first. Reads page after page while the caller enumerates.</summary>
    /// <param name="scope">Whose input requests.</param>
    /// <param name="status"><c>open</c>, <c>submitted</c>, <c>cancelled</c> or <c>expired</c>; all when null.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    public async IAsyncEnumerable<InputRequest> List(
        InputRequestScope scope, string? status = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var pages = Pages.Read<InputRequest>(_transport, scope.Path, [("status", status)], 50, cancellationToken);
        await foreach (var request in pages)
        {
            yield return request;
        }
    }

    /// <summary>Reads an input request.</summary>
    /// <exception cref="RunsException">There is no such input request (<c>INPUT_REQUEST_NOT_FOUND</c>).</exception>
    public Task<InputRequest> Get(InputRequestScope scope, string id, CancellationToken cancellationToken = default) =>
        _transport.Send<InputRequest>(new ApiRequest(HttpMethod.Get, GetPath(scope, id)), cancellationToken);

    /// <summary>Submits the form, and resumes its run. A repeat with the same values changes nothing.</summary>
    /// <param name="scope">Whose input request.</param>
    /// <param name="id">The input request.</param>
    /// <param name="values">
    /// The values by field: text, numbers, booleans or nulls, as an object or a dictionary.
    /// </param>
    /// <param name="cancellationToken">Cancels the call; the form may be submitted nevertheless.</param>
    /// <exception cref="RunConflictException">The input request is closed.</exception>
    public Task<InputRequest> Respond(
        InputRequestScope scope, string id, object values, CancellationToken cancellationToken = default) => _transport.Send<InputRequest>(
            new ApiRequest(HttpMethod.Post, GetPath(scope, id, "/responses")) { Body = new RespondBody(ApiJson.ToRawJson(values)) },
            cancellationToken);

    /// <summary>Closes the form without values. Its run resumes, and gets a failed tool call.</summary>
    /// <exception cref="RunConflictException">The input request is closed.</exception>
    public Task<InputRequest> Cancel(InputRequestScope scope, string id, CancellationToken cancellationToken = default) =>
        _transport.Send<InputRequest>(new ApiRequest(HttpMethod.Post, GetPath(scope, id, "/cancel")), cancellationToken);

    private static string GetPath(InputRequestScope scope, string id, string rest = "")
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentException.ThrowIfNullOrEmpty(id);
        return $"{scope.Path}/{Uri.EscapeDataString(id)}{rest}";
    }
}
