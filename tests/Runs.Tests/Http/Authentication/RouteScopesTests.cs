using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Runs.Tests.Http;

/// <summary>The scope that each route requires.</summary>
public sealed class RouteScopesTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private static readonly Dictionary<string, string> ExpectedScopes = new()
    {
        ["POST /runs"] = Scopes.Write,
        ["POST /runs/{run_id}/cancel"] = Scopes.Write,
        ["POST /runs/{run_id}/resume"] = Scopes.Write,
        ["POST /runs/{run_id}/complete"] = Scopes.Execute,
        ["POST /runs/{run_id}/wait"] = Scopes.Execute,
        ["POST /runs/{run_id}/events"] = Scopes.Execute,
        ["POST /conversations/{conversation_id}/runs/{run_id}/events"] = Scopes.Execute,
        ["POST /runs/{run_id}/input-requests"] = Scopes.Execute,
        ["POST /runs/{run_id}/input-requests/{input_request_id}/responses"] = Scopes.Answer,
        ["POST /runs/{run_id}/input-requests/{input_request_id}/cancel"] = Scopes.Answer,
        ["POST /conversations/{conversation_id}/input-requests"] = Scopes.Execute,
        ["POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses"] = Scopes.Answer,
        ["POST /conversations/{conversation_id}/input-requests/{input_request_id}/cancel"] = Scopes.Answer,
        ["GET /runs/{run_id}"] = Scopes.Read,
        ["GET /runs/{run_id}/children"] = Scopes.Read,
        ["GET /runs/{run_id}/attempts"] = Scopes.Read,
        ["GET /runs/{run_id}/events"] = Scopes.Read,
        ["GET /runs/{run_id}/stream"] = Scopes.Read,
        ["GET /runs/{run_id}/input-requests"] = Scopes.Read,
        ["GET /runs/{run_id}/input-requests/{input_request_id}"] = Scopes.Read,
        ["GET /projects/{project_reference}/runs"] = Scopes.Read,
        ["GET /projects/{project_reference}/schedules"] = Scopes.Read,
        ["POST /projects/{project_reference}/schedules"] = Scopes.Write,
        ["POST /projects/{project_reference}/schedules/preview"] = Scopes.Read,
        ["GET /projects/{project_reference}/schedules/{schedule_id}"] = Scopes.Read,
        ["PATCH /projects/{project_reference}/schedules/{schedule_id}"] = Scopes.Write,
        ["DELETE /projects/{project_reference}/schedules/{schedule_id}"] = Scopes.Write,
        ["GET /projects/{project_reference}/schedules/{schedule_id}/fires"] = Scopes.Read,
        ["POST /projects/{project_reference}/schedules/{schedule_id}/runs"] = Scopes.Write,
        ["GET /conversations/{conversation_id}/runs"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/children-by-parent-conversation"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/children"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/events"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/stream"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/runs/{run_id}/snapshot"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/input-requests"] = Scopes.Read,
        ["GET /conversations/{conversation_id}/input-requests/{input_request_id}"] = Scopes.Read,
        ["POST /agent-workers/projects/{project_reference}/workers"] = Scopes.Execute,
        ["GET /agent-workers/projects/{project_reference}/workers"] = Scopes.Read,
        ["DELETE /agent-workers/workers/{worker_id}"] = Scopes.Execute,
    };

    // Routes that require the token of a worker instead of a scope.
    private static readonly string[] WorkerRoutes =
    [
        "POST /agent-workers/workers/{worker_id}/heartbeat",
        "POST /agent-workers/workers/{worker_id}/claim",
        "POST /agent-workers/workers/{worker_id}/runs/{run_id}/lease",
        "DELETE /agent-workers/workers/{worker_id}/runs/{run_id}/lease",
        "PUT /agent-workers/workers/{worker_id}/runs/{run_id}/session",
    ];

    // Routes that require the token of an event writer instead of a scope.
    private static readonly string[] EventWriterRoutes = ["POST /runs/{run_id}/children/{child_run_id}/event-writer-token"];

    public static TheoryData<string> Routes => [.. ExpectedScopes.Keys];

    /// <summary>A route that is not in the table fails this test, and so does one without a scope.</summary>
    [Fact]
    public async Task Every_route_requires_its_documented_scope()
    {
        var mapped = (await ApiRoutes.List()).Select(mapped => $"{mapped.Route} = {GetScopes(mapped.Endpoint)}");

        var expected = ExpectedScopes.Select(route => $"{route.Key} = {route.Value}")
            .Concat(WorkerRoutes.Select(route => $"{route} = {WorkerAuthorizationExtensions.Policy}"))
            .Concat(EventWriterRoutes.Select(route => $"{route} = {EventWriterAuthorizationExtensions.Policy}"));
        Assert.Equal(expected.Order(), mapped.Order());
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_accepts_its_scope_and_rejects_all_other_scopes(string route)
    {
        var scope = ExpectedScopes[route];
        using var with = await application.CreateClientWithKey(scope);
        using var without = await application.CreateClientWithKey(string.Join(' ', Scopes.All.Where(other => other != scope)));
        using var none = await application.CreateClientWithKey("");

        var rejected = await Send(without, route);

        rejected.AssertProblem(403, $"This credential lacks the scope {scope}.");
        rejected.AssertProblemCode(403, "INSUFFICIENT_SCOPE");
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"{scope}\"", rejected.Headers["WWW-Authenticate"]);
        Assert.Equal(403, (await Send(none, route)).Status);
        Assert.False((await Send(with, route)).Status is 401 or 403);
    }

    [Fact]
    public async Task A_token_has_its_scopes_or_the_default_scopes()
    {
        using var reader = application.CreateClient(TestTokens.Create(scope: "openid read"));
        using var stranger = application.CreateClient(TestTokens.Create(scope: "openid profile"));
        using var silent = application.CreateClient(TestTokens.Create());

        Assert.Equal((404, 403), ((await reader.Get("/runs/any")).Status, (await reader.Post("/runs", TestRequests.TaskBody())).Status));
        Assert.Equal(403, (await stranger.Get("/runs/any")).Status);
        Assert.Equal((404, 202), ((await silent.Get("/runs/any")).Status, (await silent.Post("/runs", TestRequests.TaskBody())).Status));
    }

    private static string GetScopes(RouteEndpoint route) =>
        string.Join(',', route.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(authorize => authorize.Policy));

    private static async Task<ApiResponse> Send(HttpClient caller, string route)
    {
        var (method, path) = (route.Split(' ')[0], Regex.Replace(route.Split(' ')[1], "{[^}]+}", "none"));
        return await caller.Send(new HttpMethod(method), path, method is "GET" or "DELETE" ? null : new { });
    }
}
