using System.Collections.Concurrent;

namespace Runs.Tests.Lifecycle;

/// <summary>Twelve writers append to one run until another caller ends it.</summary>
public abstract class ConcurrentAppendTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const int Writers = 12;
    private const int MinAcknowledgedAppends = 60;

    [Theory]
    [InlineData("cancel", null, false)]
    [InlineData("complete", """{"status":"completed"}""", false)]
    [InlineData("cancel", null, true)]
    [InlineData("complete", """{"status":"failed"}""", true)]
    public async Task Appends_acknowledged_before_the_run_finished_are_stored_once_and_in_order(
        string operation, string? body, bool sendsCursor)
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(id));
        var appends = new ConcurrentQueue<ObservedAppend>();
        var enough = new TaskCompletionSource();

        var writers = Enumerable.Range(0, Writers).Select(writer => AppendUntilFinished(id, writer, sendsCursor, Record)).ToList();
        await enough.Task;
        var ended = await application.Client.Post($"/runs/{id}/{operation}", body);
        var written = await Task.WhenAll(writers);

        Assert.True(ended[body is null ? "cancelled" : "completed"].GetBoolean());
        var (run, log) = (await application.ReadVerifiedLog(id))!.Value;
        Assert.All(appends, append => append.AssertMatchesLog(log));
        var acknowledged = appends.Where(append => append.LatestEventId is not null).ToList();
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), log.Count - 2); // without the first and the last event
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), run.LatestExternalEventSequence);
        var logged = log.Select(entry => entry.Event.Text).ToList();
        Assert.All(written, events => Assert.Equal(events, logged.Where(events.Contains)));

        void Record(ObservedAppend append)
        {
            appends.Enqueue(append);
            if (appends.Count(recorded => recorded.LatestEventId is not null) >= MinAcknowledgedAppends)
            {
                enough.TrySetResult();
            }
        }
    }

    // Sends each batch until it is appended or the run has ended. Returns the appended events in order.
    private async Task<List<string>> AppendUntilFinished(string id, int writer, bool sendsCursor, Action<ObservedAppend> record)
    {
        var written = new List<string>();
        var latest = 0L;
        for (var batch = 0; ; batch++)
        {
            var numbers = Enumerable.Range(0, batch % 3 + 1);
            string[] events = [.. numbers.Select(number => $$"""{"type":"CUSTOM","name":"{{writer}}/{{batch}}/{{number}}"}""")];
            ApiResponse response;
            do
            {
                var cursor = sendsCursor ? $"\"expected_previous_event_id\":{latest}," : "";
                var request = $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""";
                response = await application.Client.Post($"/runs/{id}/events", request);
                latest = response.Status == 200
                    ? response.Read<AppendResponse>().LatestEventId
                    : (await application.Client.GetConversationRun(id)).LatestEventId;
            }
            while (response.Status == 400 && response.Read<ApiProblem>(400).Detail == "External run event cursor mismatch");

            record(new ObservedAppend(events, [response]));
            if (response.Status != 200)
            {
                response.AssertProblem(400);
                Assert.Equal("Cannot append external events to a terminal run", response.Read<ApiProblem>(400).Detail);
                return written;
            }

            written.AddRange(events);
        }
    }
}
