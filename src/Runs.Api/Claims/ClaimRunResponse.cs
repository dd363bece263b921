using System.Text.Json.Serialization;

namespace Runs.Api.Claims;

/// <summary>The response to a claim.</summary>
/// <param name="Run">
/// The first run; null when none was claimed. Other workers may have taken those that were ready.
/// </param>
/// <param name="Runs">All of the runs. Present only when the request has <c>max_runs</c>.</param>
public sealed record ClaimRunResponse(
    ClaimedRunResource? Run,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ClaimedRunResource>? Runs = null);
