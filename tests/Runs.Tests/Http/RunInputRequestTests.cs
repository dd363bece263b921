namespace Runs.Tests.Http;

public sealed class RunInputRequestTests(EmbeddedApplication application) : RunInputRequestTests<EmbeddedApplication>(application);

/// <summary>
/// What is particular to input requests below a run. For the rest, see <see cref="InputRequestTests{TApplication}"/>.
/// </summary>
public abstract class RunInputRequestTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task The_run_of_the_path_need_not_be_in_the_body()
    {
        var run = await Client.CreateRunningTask();

        var created = await Client.Post(ApiPaths.RunInputRequests(run), new
        {
            tool_call_id = "call_1",
            requested_responder_type = "human",
            title = "Who are you?",
            fields = new[] { "name" },
        });

        Assert.Equal(run, created.Read<ApiInputRequest>(201).RunId);
    }

    [Fact]
    public async Task A_run_of_a_conversation_has_the_same_input_requests_in_both_places()
    {
        var run = await Client.CreateRunningAgent();
        var (ofRun, ofConversation) = (ApiPaths.RunInputRequests(run), ApiPaths.InputRequests());
        var created = await Client.RequestInput(run, path: ofRun);
        var id = created.Read<ApiInputRequest>(201).Id;

        var repeated = await Client.RequestInput(run, path: ofConversation);
        await Client.PostInputResponse(id, """{"values":{"a":1}}""", ofConversation);

        Assert.Equal(200, repeated.Status);
        Assert.Equal(created.Body.GetRawText(), repeated.Body.GetRawText());
        Assert.Equal(RunsApplication.Conversation, repeated["conversation_id"].GetString());
        Assert.Equal(
            (await Client.Get($"{ofConversation}/{id}")).Body.GetRawText(), (await Client.Get($"{ofRun}/{id}")).Body.GetRawText());
    }

    [Fact]
    public async Task Unknown_runs_have_no_input_requests()
    {
        foreach (var run in new[] { TestRequests.NewId(), new string('r', 129) })
        {
            var path = ApiPaths.RunInputRequests(run);

            (await Client.Get(path)).AssertProblemCode(404, "RUN_NOT_FOUND");
            (await Client.Get($"{path}/{TestRequests.NewUuid()}")).AssertProblemCode(404, "RUN_NOT_FOUND");
            (await Client.RequestInput(run, path: path)).AssertProblemCode(404, "RUN_NOT_FOUND");
            (await Client.PostInputResponse(TestRequests.NewUuid(), new { values = new { } }, path))
                .AssertProblemCode(404, "RUN_NOT_FOUND");
            (await Client.Post($"{path}/{TestRequests.NewUuid()}/cancel")).AssertProblemCode(404, "RUN_NOT_FOUND");
        }

        (await Client.Get("/conversations/nonsense/input-requests")).AssertProblemCode(404, "CONVERSATION_NOT_FOUND");
    }

    [Fact]
    public async Task Pages_are_newest_first_and_have_only_the_requests_of_the_run()
    {
        var (run, ids) = (await Client.CreateRunningTask(), new List<string>());
        var path = ApiPaths.RunInputRequests(run);
        var otherRun = await Client.CreateRunningTask();
        await Client.CreateInputRequest(otherRun, path: ApiPaths.RunInputRequests(otherRun));
        for (var call = 0; call < 5; call++)
        {
            ids.Add(await Client.CreateInputRequest(run, $"call_{call}", path));
            if (call < 4)
            {
                await Client.PostInputResponse(ids[^1], """{"values":{}}""", path);
            }
        }

        var first = await List("?limit=2");
        await Client.PostInputResponse(ids[^1], """{"values":{}}""", path);
        ids.Add(await Client.CreateInputRequest(run, "call_5", path)); // after the first page, so on none
        var second = await List($"?limit=2&cursor={first.PageInfo.Next}");
        var third = await List($"?limit=2&cursor={second.PageInfo.Next}");

        string[] expected = [ids[4], ids[3], ids[2], ids[1], ids[0]];
        Assert.Equal(expected, new[] { first, second, third }.SelectMany(page => page.Data).Select(request => request.Id));
        Assert.Null(third.PageInfo.Next);
        Assert.Equal([ids[5]], (await List("?status=open")).Data.Select(request => request.Id));

        Task<ApiPage<ApiInputRequest>> List(string query) => Client.List<ApiInputRequest>(path + query);
    }
}
