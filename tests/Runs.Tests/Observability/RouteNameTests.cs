using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Runs.Server;

namespace Runs.Tests.Observability;

/// <summary>The routes that traces and metrics show.</summary>
public sealed class RouteNameTests
{
    [Fact]
    public async Task Routes_are_shown_as_they_are_documented()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);
        var routes = ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();

        Assert.Contains(routes, route => route.RoutePattern.RawText == "/runs");
        Assert.All(routes, route =>
        {
            var path = "/" + route.RoutePattern.RawText!.Trim('/');
            Assert.Equal(path, route.RoutePattern.RawText); // of spans
            Assert.Equal(path, route.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route); // of metrics
        });
    }
}
