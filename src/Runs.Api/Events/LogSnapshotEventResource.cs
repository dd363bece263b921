using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>An event of a snapshot.</summary>
/// <param name="EventId">Ascending.</param>
/// <param name="Event">The event. Its <c>delta</c> may be merged from several events.</param>
public sealed record LogSnapshotEventResource(long EventId, [property: JsonObject] RawJson Event);
