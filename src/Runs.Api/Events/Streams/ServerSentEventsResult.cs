using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Runs.Api.Events;

/// <summary>The response of a stream: <see cref="ServerSentEventsWriter"/> writes it.</summary>
/// <param name="writer">Writes the run's log.</param>
/// <param name="id">The id of the run's document.</param>
/// <param name="lastEventId">The id of the last event that the reader has; 0 for a stream from the beginning.</param>
/// <param name="lease">The permit of the stream, which ends with it.</param>
internal sealed class ServerSentEventsResult(ServerSentEventsWriter writer, Guid id, long lastEventId, IDisposable lease)
    : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/event-stream"]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var scope = lease;
        await writer.Write(httpContext, id, lastEventId);
    }
}
