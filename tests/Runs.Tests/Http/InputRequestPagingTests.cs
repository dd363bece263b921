namespace Runs.Tests.Http;

public sealed class InputRequestPagingTests(EmbeddedApplication application) : InputRequestPagingTests<EmbeddedApplication>(application);

public abstract class InputRequestPagingTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _conversation = TestRequests.NewUuid();

    private HttpClient Client => application.Client;

    private string InputRequestsPath => ApiPaths.InputRequests(_conversation);

    [Fact]
    public async Task A_page_of_large_input_requests_is_cut_at_the_size_limit()
    {
        var (ids, space) = (new List<string>(), new string(' ', 1_000_000));
        for (var i = 0; i < 6; i++)
        {
            var run = await Client.CreateRunningAgent(_conversation);
            var created = await Client.Post(InputRequestsPath, $$"""
                {"run_id":"{{run}}","tool_call_id":"c","requested_responder_type":"human","title":"t",
                 "fields":[1{{space}}],"metadata":{ {{space}}} }
                """);
            ids.Add(created.Read<ApiInputRequest>(201).Id);
        }

        var first = await List();
        var second = await List($"?cursor={first.PageInfo.Next}");

        Assert.Equal((4, 2), (first.Data.Count, second.Data.Count));
        Assert.Null(second.PageInfo.Next);
        Assert.Equal(ids.AsEnumerable().Reverse(), first.Data.Concat(second.Data).Select(request => request.Id));
    }

    [Fact]
    public async Task Input_requests_are_filtered_by_run_and_status_and_paged()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var run = await Client.CreateRunningAgent(_conversation);
            for (var call = 0; call < 3; call++)
            {
                ids.Add(await Client.CreateInputRequest(run, $"call_{call}", InputRequestsPath));
                if (call < 2)
                {
                    await Answer(ids[^1]);
                }
            }
        }

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await List($"?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.True(page.Data.Count <= 2);
            listed.AddRange(page.Data.Select(request => request.Id));
            cursor = page.PageInfo.Next;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(ids), listed);
        Assert.Equal(3, (await List("?status=open")).Data.Count);
        var lastRun = (await Client.GetInputRequest(ids[^1], InputRequestsPath)).RunId;
        Assert.Equal(Enumerable.Reverse(ids).Take(3), (await List($"?run_id={lastRun}")).Data.Select(request => request.Id));
    }

    [Fact]
    public async Task Paging_continues_at_its_cursor_when_the_run_there_is_no_longer_listed()
    {
        var (older, newer) = (await Client.CreateRunningAgent(_conversation), await Client.CreateRunningAgent(_conversation));
        foreach (var call in new[] { "call_1", "call_2" })
        {
            await Answer(await Client.CreateInputRequest(older, call, InputRequestsPath));
        }

        var open = await Client.CreateInputRequest(older, "call_3", InputRequestsPath);
        var nextOfPage = await Client.CreateInputRequest(newer, "call_1", InputRequestsPath);
        var newest = await Client.CreateInputRequest(await Client.CreateRunningAgent(_conversation), "call_1", InputRequestsPath);

        var page = await List("?status=open&limit=1");
        await Answer(nextOfPage); // the cursor points to it
        var next = await List($"?status=open&limit=1&cursor={page.PageInfo.Next}");

        Assert.Equal(newest, page.Data[0].Id);
        Assert.Equal([open], next.Data.Select(request => request.Id));
    }

    private Task<ApiPage<ApiInputRequest>> List(string query = "") => Client.List<ApiInputRequest>(InputRequestsPath + query);

    private Task<ApiResponse> Answer(string id) => Client.PostInputResponse(id, """{"values":{}}""", InputRequestsPath);
}
