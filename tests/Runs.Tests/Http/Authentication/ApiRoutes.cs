using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>The routes of the API as the server maps them, without health, keys, descriptions and their page.</summary>
internal static class ApiRoutes
{
    private const string Excluded = @"^/?(\.well-known|health|openapi|docs|asyncapi|schemas)";

    /// <summary>Lists method and path, such as <c>GET /runs/{run_id}</c>, with the endpoint.</summary>
    public static async Task<IReadOnlyList<(string Route, RouteEndpoint Endpoint)>> List()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);
        return
        [
            .. ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .Where(endpoint => !Regex.IsMatch(endpoint.RoutePattern.RawText!, Excluded))
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                    .Select(method => ($"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}", endpoint))),
        ];
    }
}
