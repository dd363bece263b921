namespace Runs.Tests.Http;

public sealed class ListRunsTests(EmbeddedApplication application) : ListRunsTests<EmbeddedApplication>(application);

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
            before.Add(await CreateIn(project));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var response = await Client.Get($"/projects/{project}/runs?limit=10{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(["data", "page_info"], response.Body.EnumerateObject().Select(member => member.Name));
            Assert.Equal(["first", "next", "prev", "self"], response["page_info"].EnumerateObject().Select(member => member.Name).Order());
            var page = response.Read<ApiPage<ApiRun>>();
            Assert.Equal((null, cursor), (page.PageInfo.First, page.PageInfo.Self));
            seen.AddRange(page.Data.Select(run => run.RunId));
            cursor = page.PageInfo.Next;
            await CreateIn(project);
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
            await CreateIn(project);
        }

        var page = await Client.List<ApiRun>($"/projects/{project}/runs");

        var times = page.Data.Select(run => run.CreatedAt).ToList();
        Assert.Equal(50, times.Count);
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.NotNull(page.PageInfo.Next);
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
        var cancelled = await CreateIn(project);
        await CreateIn(project);
        await Client.Cancel(cancelled);

        var page = await Client.List<ApiRun>($"/projects/{project}/runs?status=cancelled&kind=task");

        Assert.Equal([cancelled], page.Data.Select(run => run.RunId));
    }

    [Fact]
    public async Task A_project_is_found_by_slug_also_with_an_escaped_slash()
    {
        var id = await CreateIn(RunsApplication.Project);

        var page = await Client.List<ApiRun>("/projects/my%2Fslug/runs?limit=100");

        Assert.Contains(id, page.Data.Select(run => run.RunId));
        (await Client.Get("/projects/no-such/runs")).AssertProblem(404);
    }

    [Fact]
    public async Task Runs_of_a_conversation_are_listed_as_conversation_runs()
    {
        var conversation = TestRequests.NewUuid();
        await Client.Create(TestRequests.AgentBody(conversation: conversation));

        var page = await Client.Get($"/conversations/{conversation}/runs");

        Assert.Equal(conversation, page.Read<ApiPage<ApiConversationRun>>().Data[0].ConversationId);
        Assert.Equal(34, page["data"][0].EnumerateObject().Count());
    }

    [Fact]
    public async Task Another_tenants_runs_are_not_listed()
    {
        var project = TestRequests.NewUuid();
        await CreateIn(project);
        using var other = application.CreateClient(RunsApplication.OtherKey);

        Assert.Empty((await other.List<ApiRun>($"/projects/{project}/runs")).Data);
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
    public async Task An_invalid_query_is_rejected(string query, string parameter) =>
        (await Client.Get($"/projects/{RunsApplication.Project}/runs?{query}")).AssertProblem(400, null, parameter);

    private async Task<string> CreateIn(string project) =>
        (await Client.Create(TestRequests.TaskBody().With("owner", new { kind = "project", id = project }))).Run.RunId;
}
