using Microsoft.AspNetCore.WebUtilities;

namespace Runs.Api.OpenApi.Metadata;

/// <summary>
/// Endpoint metadata: a problem response. Operations share it as a component of the document. Its examples are in
/// <c>Examples/Problems</c>, in the file of this name.
/// </summary>
/// <param name="Status">The HTTP status. The last metadata of an endpoint with the same status applies.</param>
/// <param name="Description">When the response is returned, with its codes.</param>
internal sealed record ProblemResponse(int Status, string Description)
{
    /// <summary>The component's name. By default, the status text in Pascal case.</summary>
    public string Name { get; init; } = ReasonPhrases.GetReasonPhrase(Status).Replace(" ", "", StringComparison.Ordinal);

    /// <summary>The headers of the response.</summary>
    public IReadOnlyList<ResponseHeader> Headers { get; init; } = [];
}
