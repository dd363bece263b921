using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class ListingRunsEmbedded(EmbeddedStack stack) : ListingRuns<EmbeddedStack>(stack);

public abstract class ListingRuns<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended_while_runs_are_added()
    {
        var project = Calls.NewUuid();
        var before = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            before.Add(await Create(project));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Client.Read($"/projects/{project}/runs?limit=10{(cursor is null ? "" : $"&cursor={cursor}")}");
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
    public async Task The_newest_run_comes_first_and_fifty_are_a_page()
    {
        var project = Calls.NewUuid();
        for (var i = 0; i < 51; i++)
        {
            await Create(project);
        }

        var page = await Client.Read($"/projects/{project}/runs");

        var times = page["data"].EnumerateArray().Select(run => run.GetProperty("created_at").GetString()).ToList();
        Assert.Equal(50, times.Count);
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.NotNull(page["page_info"].GetProperty("next").GetString());
    }

    [Fact]
    public async Task A_project_without_runs_has_an_empty_page()
    {
        var page = await Client.Read($"/projects/{Calls.NewUuid()}/runs");

        Assert.Equal("""{"data":[],"page_info":{"self":null,"first":null,"next":null,"prev":null}}""", page.Body.GetRawText());
    }

    [Fact]
    public async Task Kind_and_status_narrow_the_list()
    {
        var project = Calls.NewUuid();
        var ended = await Create(project);
        await Create(project);
        await Client.Post($"/runs/{ended}/cancel");

        var page = await Client.Read($"/projects/{project}/runs?status=cancelled&kind=task");

        Assert.Equal([ended], page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task A_slug_names_its_project_also_with_an_escaped_slash()
    {
        var id = await Create(Stack.Project);

        var page = await Client.Read("/projects/my%2Fslug/runs?limit=100");

        Assert.Contains(id, page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        (await Client.Read("/projects/no-such/runs")).IsProblem(404);
    }

    [Fact]
    public async Task A_conversation_lists_its_runs_as_projections()
    {
        var conversation = Calls.NewUuid();
        await Client.Create(Calls.Agent(conversation: conversation));

        var page = await Client.Read($"/conversations/{conversation}/runs");

        Assert.Equal(conversation, page["data"][0].GetProperty("conversation_id").GetString());
        Assert.Equal(34, page["data"][0].EnumerateObject().Count());
    }

    [Fact]
    public async Task Another_tenants_runs_are_not_listed()
    {
        var project = Calls.NewUuid();
        await Create(project);
        using var other = stack.Caller("vf_other_s_e_cret");

        Assert.Empty((await other.Read($"/projects/{project}/runs"))["data"].EnumerateArray());
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
    public async Task A_wrong_query_is_refused(string query, string at) =>
        (await Client.Read($"/projects/{Stack.Project}/runs?{query}")).IsProblem(400, null, at);

    private async Task<string> Create(string project)
    {
        var created = await Client.Create(Calls.Task().With("owner", new { kind = "project", id = project }));
        return created.GetProperty("run").GetProperty("run_id").GetString()!;
    }
}
