namespace Runs.Tests.Http;

public sealed class RetriedAppendTests(EmbeddedApplication application) : RetriedAppendTests<EmbeddedApplication>(application);

/// <summary>The cursors of an append, which make a retry harmless.</summary>
public abstract class RetriedAppendTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Mismatch = "External run event cursor mismatch";

    private HttpClient Client => application.Client;

    [Theory]
    [InlineData(2L, 1L, true)]
    [InlineData(2L, null, true)]
    [InlineData(null, 1L, true)]
    [InlineData(null, null, true)]
    [InlineData(3L, null, false)]
    [InlineData(1L, null, false)]
    [InlineData(0L, null, false)]
    [InlineData(null, 2L, false)]
    [InlineData(null, 0L, false)]
    [InlineData(2L, 0L, false)]
    [InlineData(1L, 1L, false)]
    [InlineData(9_000_000_000L, 9_000_000_000L, false)]
    public async Task An_append_requires_the_cursor_of_the_last_event(long? eventId, long? sequence, bool isExpected)
    {
        var run = await Client.CreateRunningAgent();
        await Client.Append(run, EventBodies.Append(EventBodies.Text("first")));

        var response = await Post(run, EventBodies.AppendAfter(eventId, sequence, EventBodies.Text("second")));

        if (isExpected)
        {
            Assert.Equal(1, response.Read<AppendResponse>().AppendedCount);
        }
        else
        {
            response.AssertProblem(400);
            Assert.Equal(Mismatch, response.Read<ApiProblem>(400).Detail);
            Assert.Equal(2, (await application.ReadStoredEvents(run)).Count);
        }
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    [InlineData(1L, 0L)]
    public async Task A_retried_append_returns_the_stored_result(long? eventId, long? sequence)
    {
        var run = await Client.CreateRunningAgent();
        await Append("""{"type":"CUSTOM","value":1}""");

        var repeated = await Append("""{ "value" : 1.0, "type" : "CUSTOM" }""");
        await Client.Append(run, EventBodies.Append(EventBodies.Text("later")));
        var late = await Append("""{"type":"CUSTOM","value":1}""");

        Assert.Equal((3, 0, 2), (repeated.LatestEventId, repeated.AppendedCount, repeated.LatestExternalEventSequence));
        Assert.Equal((4, 0, 3), (late.LatestEventId, late.AppendedCount, late.LatestExternalEventSequence));
        Assert.Equal(4, (await application.ReadStoredEvents(run)).Count);

        async Task<AppendResponse> Append(string second) =>
            (await Post(run, EventBodies.AppendAfter(eventId, sequence, EventBodies.Text("a"), second))).Read<AppendResponse>();
    }

    // Not every comparison of JSON numbers handles exponents of this size.
    [Fact]
    public async Task A_retried_append_with_an_equal_number_in_another_notation_is_recognized()
    {
        var run = await Client.CreateRunningAgent();
        await Post(run, EventBodies.AppendAfter(1, 0, """{"type":"CUSTOM","value":1e99999999999}"""));

        var repeated = await Post(run, EventBodies.AppendAfter(1, 0, """{"type":"CUSTOM","value":1E99999999999}"""));
        var different = await Post(run, EventBodies.AppendAfter(1, 0, """{"type":"CUSTOM","value":2e99999999999}"""));

        AssertRepeated(repeated, latestEventId: 2);
        different.AssertProblem(400, Mismatch);
    }

    [Fact]
    public async Task A_retried_append_that_begins_with_a_hidden_event_is_recognized_by_its_sequence()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Append(run, EventBodies.Append("""{"type":"STEP_FINISHED","n":0}"""));
        var body = EventBodies.AppendAfter(null, 0, """{"type":"STEP_STARTED","n":1}""", EventBodies.Text("a"));
        await Post(run, body);

        AssertRepeated(await Post(run, body), latestEventId: 4);
    }

    [Fact]
    public async Task A_retried_append_returns_the_stored_result_after_the_run_has_finished()
    {
        var run = await Client.CreateRunningAgent();
        var body = EventBodies.AppendAfter(1, 0, EventBodies.Text("a"));
        await Post(run, body);
        await Client.Complete(run);

        var repeated = (await Post(run, body)).Read<AppendResponse>();

        Assert.Equal((3, 0, 1), (repeated.LatestEventId, repeated.AppendedCount, repeated.LatestExternalEventSequence));
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    public async Task A_partially_stored_batch_appends_only_the_rest(long? eventId, long? sequence)
    {
        var run = await Client.CreateRunningAgent();
        var events = new[] { EventBodies.Text("a"), EventBodies.Text("b"), EventBodies.Text("c") };
        await Post(run, EventBodies.AppendAfter(eventId, sequence, events[..2]));

        var appended = (await Post(run, EventBodies.AppendAfter(eventId, sequence, events))).Read<AppendResponse>();

        Assert.Equal((4, 1, 3), (appended.LatestEventId, appended.AppendedCount, appended.LatestExternalEventSequence));
        var stored = await application.ReadStoredEvents(run);
        Assert.Equal(["a", "b", "c"], stored.Skip(1).Select(logged => logged.Event.ToElement().GetProperty("delta").GetString()));
    }

    [Fact]
    public async Task An_append_that_conflicts_with_the_log_is_rejected()
    {
        var run = await Client.CreateRunningAgent();
        await Post(run, BodyOf("a", "b"));

        (await Post(run, BodyOf("b", "a"))).AssertProblem(400, Mismatch);
        (await Post(run, BodyOf("a", "x", "c"))).AssertProblem(400, Mismatch);
        Assert.Equal(3, (await application.ReadStoredEvents(run)).Count);

        static string BodyOf(params string[] texts) => EventBodies.AppendAfter(1, null, [.. texts.Select(EventBodies.Text)]);
    }

    private static void AssertRepeated(ApiResponse response, long latestEventId)
    {
        var repeated = response.Read<AppendResponse>();
        Assert.Equal((latestEventId, 0), (repeated.LatestEventId, repeated.AppendedCount));
    }

    private Task<ApiResponse> Post(string run, string body) => Client.Post($"{ApiPaths.ConversationRun(run)}/events", body);
}
