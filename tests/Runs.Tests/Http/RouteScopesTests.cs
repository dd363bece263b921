using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Runs.Api.Security;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>Who may call what, route by route.</summary>
public sealed class RouteScopesTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["POST /runs"] = Scopes.Write,
        ["POST /runs/{run_id}/cancel"] = Scopes.Write,
        ["POST /runs/{run_id}/resume"] = Scopes.Write,
        ["POST /runs/{run_id}/complete"] = Scopes.Execute,
        ["POST /runs/{run_id}/wait"] = Scopes.Execute,
        ["POST /runs/{run_id}/events"] = Scopes.Execute,
        ["POST /conversations/{conversation_id}/runs/{run_id}/events"] = Scopes.Execute,
        ["POST /conversations/{conversation_id}/input-requests"] = Scopes.Execute,
        ["POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses"] = Scopes.Answer,
        ["POST /conversations/{conversation_id}/input-requests/{input_request_id}/cancel"] = Scopes.Answer,
        ["GET /runs/{run_id}"] = Scopes.Read,
        ["GET /runs/{run_id}/children"] = Scopes.Read,
        ["GET /runs/{run_id}/events"] = Scopes.Read,
        ["GET /runs/{run_id}/stream"] = Scopes.Read,
        ["GET /projects/{project_reference}/runs"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/children-by-parent-conversation"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/children"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/events"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/stream"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/snapshot"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/input-requests"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/input-requests/{input_request_id}"] = Scopes.Read,
    };

    public static TheoryData<string> Routes => [.. Expected.Keys];

    /// <summary>A route that is not in the table fails this test, and so does one without a scope.</summary>
    [Fact]
    public async Task Every_route_has_the_scope_of_the_table()
    {
        await using var server = RunsServer.Build(["--environment", "Development"]);
        var mapped = ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => !Regex.IsMatch(route.RoutePattern.RawText!, "^/?(health|openapi|docs|asyncapi|schemas)"))
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} /{route.RoutePattern.RawText!.Trim('/')} = {string.Join(',', route.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(authorize => authorize.Policy))}"));

        Assert.Equal(Expected.Select(route => $"{route.Key} = {route.Value}").Order(), mapped.Order());
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_is_open_with_its_scope_and_closed_with_all_others(string route)
    {
        var scope = Expected[route];
        using var with = await stack.CallerWith(scope);
        using var without = await stack.CallerWith(string.Join(' ', Scopes.All.Where(other => other != scope)));
        using var none = await stack.CallerWith("");

        var refused = await Call(without, route);

        refused.IsProblem(403, $"This credential lacks the scope {scope}.");
        Assert.Equal("INSUFFICIENT_SCOPE", refused["code"].GetString());
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"{scope}\"", refused.Headers["WWW-Authenticate"]);
        Assert.Equal(403, (await Call(none, route)).Status);
        Assert.False((await Call(with, route)).Status is 401 or 403);
    }

    [Fact]
    public async Task A_token_has_the_scopes_that_it_names_or_the_default_ones()
    {
        using var reader = stack.Caller(TestTokens.Create(scope: "openid read"));
        using var stranger = stack.Caller(TestTokens.Create(scope: "openid profile"));
        using var silent = stack.Caller(TestTokens.Create());

        Assert.Equal((404, 403), ((await reader.Read("/runs/any")).Status, (await reader.Post("/runs", Calls.Task())).Status));
        Assert.Equal(403, (await stranger.Read("/runs/any")).Status);
        Assert.Equal((404, 202), ((await silent.Read("/runs/any")).Status, (await silent.Post("/runs", Calls.Task())).Status));
    }

    private static Task<Answer> Call(HttpClient caller, string route)
    {
        var (method, path) = (route.Split(' ')[0], Regex.Replace(route.Split(' ')[1], "{[^}]+}", "none"));
        return method == "GET" ? caller.Read(path) : caller.Post(path, new { });
    }
}
