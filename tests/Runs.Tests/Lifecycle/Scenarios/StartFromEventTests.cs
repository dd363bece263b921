namespace Runs.Tests.Lifecycle;

/// <summary>The executor's first event starts a pending run while another caller cancels the run.</summary>
public abstract class StartFromEventTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string StartedEvent = """{"type":"RUN_STARTED","by":"executor"}""";

    [Fact]
    public async Task The_append_that_started_the_run_succeeds_exactly_when_its_event_is_stored()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var id = TestRequests.NewId();
            await application.Client.Create(TestRequests.AgentBody(id));

            var append = application.Client.Post($"/runs/{id}/events", $$"""{"events":[{{StartedEvent}}]}""");
            var cancel = application.Client.Post($"/runs/{id}/cancel");
            await Task.WhenAll(append, cancel);

            var (_, log) = (await application.ReadVerifiedLog(id))!.Value;
            Assert.Equal(log[0].Event.Text == StartedEvent, (await append).Status == 200);
        }));
    }
}
