using Runs.Tests.Fuzz;

namespace Runs.Tests.Http;

public sealed class ConversationIdTests(EmbeddedApplication application)
    : ConversationIdTests<EmbeddedApplication>(application);

/// <summary>A conversation id is a UUID: all operations accept it in either case and return it in lower case.</summary>
public abstract class ConversationIdTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Events = """{"events":[{"type":"CUSTOM","value":1}]}""";

    private readonly string _conversation = TestRequests.NewUuid();

    private HttpClient Client => application.Client;

    private string UpperCasePath => $"/conversations/{_conversation.ToUpperInvariant()}";

    [Fact]
    public async Task Reads_accept_either_case()
    {
        var run = await CreateRun(_conversation);

        foreach (var path in new[] { "", "/events", "/snapshot", "/children" })
        {
            var response = await Client.Get($"{UpperCasePath}/runs/{run}{path}");
            Assert.True(response.Status == 200, $"{path}: {response}");
        }

        var listed = await Client.List<ApiConversationRun>($"{UpperCasePath}/runs");
        Assert.Equal(_conversation, Assert.Single(listed.Data).ConversationId);
    }

    [Fact]
    public async Task A_run_spawned_by_a_conversation_is_listed_in_either_case()
    {
        var body = TestRequests.AgentBody(conversation: TestRequests.NewUuid())
            .With("trigger", new { conversation_id = _conversation.ToUpperInvariant() });
        await Client.Create(body);

        var listed = await Client.List<ApiConversationRun>($"{UpperCasePath}/runs/children-by-parent-conversation");

        Assert.Single(listed.Data);
    }

    [Fact]
    public async Task Writes_accept_either_case()
    {
        var run = await CreateRun(_conversation.ToUpperInvariant());

        var appended = await Client.Post($"{UpperCasePath}/runs/{run}/events", Events);
        var requested = await Client.Post($"{UpperCasePath}/input-requests", ValidBodies.InputRequest(run));
        var inputRequest = $"{UpperCasePath}/input-requests/{requested.Read<ApiInputRequest>(201).Id}";
        var found = await Client.Get(inputRequest);
        var listed = await Client.List<ApiInputRequest>($"{UpperCasePath}/input-requests?run_id={run}");
        var cancelled = await Client.Post($"{inputRequest}/cancel");

        Assert.Equal((200, 200), (appended.Status, cancelled.Status));
        Assert.Equal(_conversation, found.Read<ApiInputRequest>().ConversationId);
        Assert.Single(listed.Data);
    }

    [Fact]
    public async Task Creates_that_differ_only_in_case_are_duplicates()
    {
        var run = await CreateRun(_conversation);

        var repeated = await Client.Create(TestRequests.AgentBody(run, conversation: _conversation.ToUpperInvariant()));

        Assert.True(repeated.Duplicate);
    }

    [Fact]
    public async Task An_id_with_white_space_is_no_id()
    {
        var run = await CreateRun(_conversation);

        Assert.Equal(404, (await Client.Get($"/conversations/%20{_conversation}/runs/{run}")).Status);
        Assert.Equal(404, (await Client.Get($"/conversations/%20{_conversation}/runs")).Status);
    }

    private async Task<string> CreateRun(string conversation)
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.AgentBody(run, conversation: conversation));
        return run;
    }
}
