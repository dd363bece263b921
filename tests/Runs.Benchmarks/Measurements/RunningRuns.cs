using System.Globalization;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>Creates running agent runs, and the loads on their logs.</summary>
/// <param name="subject">The server that has the runs.</param>
/// <param name="count">The number of runs in a set.</param>
internal sealed class RunningRuns(BenchmarkSubject subject, int count)
{
    private const string Prefix = "run_appending-";
    private const int Creators = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    // No two sets of this program have a run of the same id.
    private static long _numberCount;

    private long _first;

    /// <summary>The ids of the newest set.</summary>
    public IEnumerable<string> Ids => Enumerable.Range(0, count)
        .Select(number => Prefix + (_first + number).ToString("x12", CultureInfo.InvariantCulture));

    private static RequestTemplate CreateRequest { get; } = RequestTemplate.Post(
        "/runs",
        BenchmarkSubject.AuthorizationHeader,
        $$$"""{"kind":"agent","public_id":"{{{Prefix}}}{{{RequestTemplate.NumberPlaceholder}}}","owner":"""
        + $$$"""{"kind":"project","id":"{{{BenchmarkSubject.ProjectId}}}"}"""
        + ""","request":{"agent_id":"writer","initial_status":"running"}}""");

    private static RequestTemplate CompleteRequest { get; } =
        CreatePost("complete", """{"status":"completed","metadata":null}""");

    private static RequestTemplate StreamRequest { get; } = RequestTemplate.Get(
        $"/runs/{Prefix}{RequestTemplate.NumberPlaceholder}/stream",
        BenchmarkSubject.AuthorizationHeader);

    /// <summary>Creates a new set of runs, whose logs are empty.</summary>
    public async Task Create(CancellationToken cancellationToken)
    {
        _first = Interlocked.Add(ref _numberCount, count) - count;
        await SendToEach(CreateRequest, expectedStatus: 202, times: 1, cancellationToken);
    }

    /// <summary>Appends to each run of the newest set, and completes it.</summary>
    public async Task AppendAndComplete(int appends, CancellationToken cancellationToken)
    {
        var append = CreateAppendRequest(AppendBenchmark.EventsPerAppend);
        await SendToEach(append, expectedStatus: 200, appends, cancellationToken);
        await SendToEach(CompleteRequest, expectedStatus: 200, times: 1, cancellationToken);
    }

    /// <summary>
    /// Appends to the newest set of runs. Each caller has its own share of the runs, to which it appends in turns.
    /// </summary>
    /// <param name="callers">The number of callers, at most the number of runs.</param>
    /// <param name="eventsPerAppend">The number of events in a request.</param>
    public LoadPlan CreateAppendPlan(int callers, int eventsPerAppend)
    {
        var first = _first;
        var turns = new int[callers];
        return new LoadPlan(
            [subject.Process.Port],
            CreateAppendRequest(eventsPerAppend),
            caller => first + caller + (callers * (turns[caller]++ % (count / callers))),
            ExpectedStatus: 200);
    }

    /// <summary>
    /// Reads the streams of the newest set from the first event to the last. The runs must be completed.
    /// </summary>
    public LoadPlan CreateStreamPlan()
    {
        var first = _first;
        return new LoadPlan(
            [subject.Process.Port], StreamRequest, _ => first + Random.Shared.Next(count), ExpectedStatus: 200);
    }

    private static RequestTemplate CreateAppendRequest(int eventsPerAppend)
    {
        var events = Enumerable.Range(0, eventsPerAppend).Select(number =>
        {
            var delta = $"The {number}th piece of a text that is written while it is read.";
            var sent = RequestTemplate.TimestampPlaceholder;
            return $$$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-1","delta":"{{{delta}}}","sent":"{{{sent}}}"}""";
        });
        return CreatePost("events", $$$"""{"events":[{{{string.Join(',', events)}}}]}""");
    }

    private static RequestTemplate CreatePost(string operation, string json) => RequestTemplate.Post(
        $"/runs/{Prefix}{RequestTemplate.NumberPlaceholder}/{operation}", BenchmarkSubject.AuthorizationHeader, json);

    private async Task SendToEach(RequestTemplate request, int expectedStatus, int times, CancellationToken cancellationToken)
    {
        var sent = -1L;
        var plan = new LoadPlan(
            [subject.Process.Port], request, _ => _first + (Interlocked.Increment(ref sent) % count), expectedStatus)
        {
            MaxRequests = times * count,
        };
        var load = await LoadGenerator.Run(plan, Creators, TimeSpan.Zero, Timeout, cancellationToken);
        if (load.SucceededTotal != plan.MaxRequests)
        {
            throw new InvalidOperationException(
                $"{subject.Name} answered {load.SucceededTotal} of {plan.MaxRequests} requests with {expectedStatus}.");
        }
    }
}
