using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class EmbeddedListRunsTests(EmbeddedApplication application) : ListRunsTests<EmbeddedApplication>(application);

public abstract class ListRunsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task Paging_continues_after_the_last_page_while_runs_are_added()
    {
        var project = TestRequests.NewUuid();
        var before = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            before.Add(await Create(project));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Client.Get($"/projects/{project}/runs?limit=10{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(["data", "page_info"], page.Body.EnumerateObject().Select(member => member.Name));
            Assert.Equal(["first", "next", "prev", "self"], page["page_info"].EnumerateObject().Select(member => member.Name).Order());
            Assert.Equal(JsonValueKind.Null, page["page_info"].GetProperty("first").ValueKind);
            Assert.Equal(cursor, page["page_info"].GetProperty("self").GetString());
            seen.AddRange(page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()!));
            cursor = page["page_info"].GetProperty("next").GetString();
            await Create(project);
        }
        while (cursor is not null);

        Assert.Equal(before.Order(), seen.Order());
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_with_50_per_page()
    {
        var project = TestRequests.NewUuid();
        for (var i = 0; i < 51; i++)
        {
            await Create(project);
        }

        var page = await Client.Get($"/projects/{project}/runs");

        var times = page["data"].EnumerateArray().Select(run => run.GetProperty("created_at").GetString()).ToList();
        Assert.Equal(50, times.Count);
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.NotNull(page["page_info"].GetProperty("next").GetString());
    }

    [Fact]
    public async Task A_project_without_runs_has_an_empty_page()
    {
        var page = await Client.Get($"/projects/{TestRequests.NewUuid()}/runs");

        Assert.Equal("""{"data":[],"page_info":{"self":null,"first":null,"next":null,"prev":null}}""", page.Body.GetRawText());
    }

    [Fact]
    public async Task Runs_are_filtered_by_kind_and_status()
    {
        var project = TestRequests.NewUuid();
        var ended = await Create(project);
        await Create(project);
        await Client.Post($"/runs/{ended}/cancel");

        var page = await Client.Get($"/projects/{project}/runs?status=cancelled&kind=task");

        Assert.Equal([ended], page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task A_project_is_found_by_slug_also_with_an_escaped_slash()
    {
        var id = await Create(RunsApplication.Project);

        var page = await Client.Get("/projects/my%2Fslug/runs?limit=100");

        Assert.Contains(id, page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        (await Client.Get("/projects/no-such/runs")).AssertProblem(404);
    }

    [Fact]
    public async Task Runs_of_a_conversation_are_listed_as_conversation_runs()
    {
        var conversation = TestRequests.NewUuid();
        await Client.Create(TestRequests.AgentBody(conversation: conversation));

        var page = await Client.Get($"/conversations/{conversation}/runs");

        Assert.Equal(conversation, page["data"][0].GetProperty("conversation_id").GetString());
        Assert.Equal(34, page["data"][0].EnumerateObject().Count());
    }

    [Fact]
    public async Task Another_tenants_runs_are_not_listed()
    {
        var project = TestRequests.NewUuid();
        await Create(project);
        using var other = application.CreateClient("vf_other_s_e_cret");

        Assert.Empty((await other.Get($"/projects/{project}/runs"))["data"].EnumerateArray());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=_____________________________", "cursor")]
    [InlineData("kind=job", "kind")]
    [InlineData("status=waiting_for_tool", "status")]
    public async Task An_invalid_query_is_rejected(string query, string at) =>
        (await Client.Get($"/projects/{RunsApplication.Project}/runs?{query}")).AssertProblem(400, null, at);

    private async Task<string> Create(string project)
    {
        var created = await Client.Create(TestRequests.TaskBody().With("owner", new { kind = "project", id = project }));
        return created.GetProperty("run").GetProperty("run_id").GetString()!;
    }
}
