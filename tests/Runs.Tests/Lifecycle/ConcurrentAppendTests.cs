using System.Collections.Concurrent;

namespace Runs.Tests.Lifecycle;

public sealed class EmbeddedConcurrentAppendTests(EmbeddedApplication application) : ConcurrentAppendTests<EmbeddedApplication>(application);

/// <summary>Twelve writers append to one run until somebody else ends it.</summary>
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
    public async Task Appends_acknowledged_before_the_run_finished_are_stored_once_and_in_order(string end, string? body, bool expectingTheEndOfTheLog)
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(id));
        var appends = new ConcurrentQueue<ObservedAppend>();
        var enough = new TaskCompletionSource();

        var writers = Enumerable.Range(0, Writers).Select(writer => AppendUntilFinished(id, writer, expectingTheEndOfTheLog, Done)).ToList();
        await enough.Task;
        var ended = await application.Client.Post($"/runs/{id}/{end}", body);
        var written = await Task.WhenAll(writers);

        Assert.True(ended[body is null ? "cancelled" : "completed"].GetBoolean());
        var (run, log) = (await application.ReadVerifiedLog(id))!.Value;
        Assert.All(appends, append => append.AssertMatchesLog(log));
        var acknowledged = appends.Where(append => append.LatestEventId is not null).ToList();
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), log.Count - 2); // and the start and the end
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), run.LatestExternalEventSequence);
        Assert.All(written, own => Assert.Equal(own, log.Where(logged => own.Contains(logged.Event.Text)).Select(logged => logged.Event.Text)));

        void Done(ObservedAppend append)
        {
            appends.Enqueue(append);
            if (appends.Count(done => done.LatestEventId is not null) >= MinAcknowledgedAppends)
            {
                enough.TrySetResult();
            }
        }
    }

    // Each batch is sent until it is appended, or the run has ended. Returns what was appended, in the order of the answers.
    private async Task<List<string>> AppendUntilFinished(string id, int writer, bool expecting, Action<ObservedAppend> done)
    {
        var written = new List<string>();
        var latest = 0L;
        for (var batch = 0; ; batch++)
        {
            string[] events = [.. Enumerable.Range(0, batch % 3 + 1).Select(number => $$"""{"type":"CUSTOM","name":"{{writer}}/{{batch}}/{{number}}"}""")];
            ApiResponse answer;
            do
            {
                var cursor = expecting ? $"\"expected_previous_event_id\":{latest}," : "";
                answer = await application.Client.Post($"/runs/{id}/events", $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""");
                latest = answer.Status == 200 ? answer["latest_event_id"].GetInt64() : await GetLatestEventId(id);
            }
            while (answer.Status == 400 && answer["detail"].GetString() == "External run event cursor mismatch");

            done(new ObservedAppend(events, [answer]));
            if (answer.Status != 200)
            {
                answer.AssertProblem(400);
                Assert.Equal("Cannot append external events to a terminal run", answer["detail"].GetString());
                return written;
            }

            written.AddRange(events);
        }
    }

    private async Task<long> GetLatestEventId(string id) =>
        (await application.Client.Get($"/conversations/{RunsApplication.Conversation}/runs/{id}"))["latest_event_id"].GetInt64();
}
