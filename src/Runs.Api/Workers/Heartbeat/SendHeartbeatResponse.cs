using System.Text.Json.Serialization;

namespace Runs.Api.Workers;

/// <summary>The response to a heartbeat.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Token">
/// A new token, to use from now on. Present only when the token that was used is older than 12 hours. The old one is
/// valid for another hour.
/// </param>
/// <param name="Runs">The runs of the request, in its order. Present only when the request has <c>runs</c>.</param>
public sealed record SendHeartbeatResponse(
    WorkerResource Worker,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<HeldRunResource>? Runs = null);
