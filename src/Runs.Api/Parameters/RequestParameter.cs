using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>
/// Endpoint metadata: a parameter of the query or the path, or a header. The object describes the parameter, and reads
/// it unless routing does, so both have the same limits.
/// </summary>
/// <param name="name">The parameter's name.</param>
/// <param name="description">What the parameter does.</param>
internal abstract class RequestParameter(string name, string description)
{
    /// <summary>The parameter's name.</summary>
    public string Name => name;

    /// <summary>The parameter in the OpenAPI document.</summary>
    public OpenApiParameter ToOpenApi() => new()
    {
        Name = name,
        In = Location,
        Required = Location == ParameterLocation.Path,
        Description = description,
        Schema = CreateSchema(),
        Example = Example,
    };

    /// <summary>
    /// Whether a value can be invalid, which gets 400. Headers with an invalid value are treated as absent.
    /// </summary>
    public bool CanBeInvalid => Location == ParameterLocation.Query;

    protected virtual ParameterLocation Location => ParameterLocation.Query;

    protected virtual JsonNode? Example => null;

    protected abstract OpenApiSchema CreateSchema();

    /// <summary>The text of a query parameter. Null when it is absent or empty.</summary>
    protected string? GetQueryText(HttpRequest request) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
