using System.Collections.Concurrent;

namespace Runs.Tests.Lifecycle;

public sealed class ManyWritersEmbedded(EmbeddedStack stack) : ManyWriters<EmbeddedStack>(stack);

/// <summary>Twelve writers append to one run until somebody else ends it.</summary>
public abstract class ManyWriters<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private const int Writers = 12;
    private const int Enough = 60;

    [Theory]
    [InlineData("cancel", null, false)]
    [InlineData("complete", """{"status":"completed"}""", false)]
    [InlineData("cancel", null, true)]
    [InlineData("complete", """{"status":"failed"}""", true)]
    public async Task What_was_acknowledged_before_the_end_is_there_once_and_in_order(string end, string? body, bool expectingTheEndOfTheLog)
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Agent(id));
        var appends = new ConcurrentQueue<Append>();
        var enough = new TaskCompletionSource();

        var writers = Enumerable.Range(0, Writers).Select(writer => Write(id, writer, expectingTheEndOfTheLog, Done)).ToList();
        await enough.Task;
        var ended = await stack.Client.Post($"/runs/{id}/{end}", body);
        var written = await Task.WhenAll(writers);

        Assert.True(ended[body is null ? "cancelled" : "completed"].GetBoolean());
        var (run, log) = (await stack.LogOf(id))!.Value;
        Assert.All(appends, append => append.AssertTruth(log));
        var acknowledged = appends.Where(append => append.Latest is not null).ToList();
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), log.Count - 2); // and the start and the end
        Assert.Equal(acknowledged.Sum(append => append.Events.Count), run.LatestExternalEventSequence);
        Assert.All(written, own => Assert.Equal(own, log.Where(logged => own.Contains(logged.Event.Text)).Select(logged => logged.Event.Text)));

        void Done(Append append)
        {
            appends.Enqueue(append);
            if (appends.Count(done => done.Latest is not null) >= Enough)
            {
                enough.TrySetResult();
            }
        }
    }

    // Each batch is sent until it is appended, or the run has ended. Returns what was appended, in the order of the answers.
    private async Task<List<string>> Write(string id, int writer, bool expecting, Action<Append> done)
    {
        var written = new List<string>();
        var latest = 0L;
        for (var batch = 0; ; batch++)
        {
            string[] events = [.. Enumerable.Range(0, batch % 3 + 1).Select(number => $$"""{"type":"CUSTOM","name":"{{writer}}/{{batch}}/{{number}}"}""")];
            Answer answer;
            do
            {
                var cursor = expecting ? $"\"expected_previous_event_id\":{latest}," : "";
                answer = await stack.Client.Post($"/runs/{id}/events", $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""");
                latest = answer.Status == 200 ? answer["latest_event_id"].GetInt64() : await LatestOf(id);
            }
            while (answer.Status == 400 && answer["detail"].GetString() == "External run event cursor mismatch");

            done(new Append(events, [answer]));
            if (answer.Status != 200)
            {
                answer.IsProblem(400);
                Assert.Equal("Cannot append external events to a terminal run", answer["detail"].GetString());
                return written;
            }

            written.AddRange(events);
        }
    }

    private async Task<long> LatestOf(string id) =>
        (await stack.Client.Read($"/conversations/{Stack.Conversation}/runs/{id}"))["latest_event_id"].GetInt64();
}
