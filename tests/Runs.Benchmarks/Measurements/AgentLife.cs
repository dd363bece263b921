using System.Diagnostics;
using System.Net.Sockets;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// The whole life of an agent run: the create, ten appends of which the first starts the run, a wait for a tool, the
/// tool's result, ten more appends, and the completion. Each caller begins the next life when the last one has ended.
/// </summary>
/// <param name="port">The port of the server.</param>
internal sealed class AgentLife(int port)
{
    public const int Appends = 20;

    private const string Prefix = "run_living-";

    private static readonly Step Create = new("create", 202, RequestTemplate.Post(
        "/runs",
        BenchmarkSubject.AuthorizationHeader,
        $$$"""{"kind":"agent","public_id":"{{{Prefix}}}{{{RequestTemplate.NumberPlaceholder}}}","owner":"""
        + $$$"""{"kind":"project","id":"{{{BenchmarkSubject.ProjectId}}}"}"""
        + ""","request":{"agent_id":"writer","input":{"prompt":"Write a short text about the sea."}}}"""));

    private static readonly Step Append = CreateStep(
        "append", "events", """{"events":[{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-1","delta":"A piece of a text."}]}""");

    private static readonly Step Wait = CreateStep(
        "wait", "wait", """{"reason":"tool","tool_call_id":"call_1","tool_name":"search"}""");

    private static readonly Step Resume = CreateStep(
        "resume", "resume", """{"type":"tool_result","tool_call_id":"call_1","result":{"found":3}}""");

    private static readonly Step Complete = CreateStep("complete", "complete", """{"status":"completed","metadata":null}""");

    private static readonly Step[] Steps =
    [
        Create,
        .. Enumerable.Repeat(Append, Appends / 2),
        Wait,
        Resume,
        .. Enumerable.Repeat(Append, Appends / 2),
        Complete,
    ];

    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(20);

    private long _lastNumber;

    /// <summary>Lives the lives.</summary>
    /// <param name="callers">The number of agents that live at the same time.</param>
    /// <param name="rounds">The number of measured windows, one after the other.</param>
    /// <param name="window">The length of a window. A life counts in the window in which it ends.</param>
    /// <param name="warmUp">The time before the first window; it should be longer than a life.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task<List<AgentLifeResult>> Run(
        int callers,
        int rounds,
        TimeSpan window,
        TimeSpan warmUp,
        CancellationToken cancellationToken)
    {
        var tally = new Tally(rounds, window, warmUp);
        return await TimeLimit.Run(
            warmUp + (rounds * window) + LoadPlan.DefaultResponseTimeout,
            "A load of agent lives",
            async timeout =>
            {
                await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => RunCaller(tally, timeout)));
                return tally.Windows;
            },
            cancellationToken);
    }

    private async Task RunCaller(Tally tally, CancellationToken cancellationToken)
    {
        var requests = Steps.Distinct().ToDictionary(step => step, step => step.Request.CreateRenderer());
        while (!tally.HasEnded)
        {
            try
            {
                using var connection = await RawHttpConnection.Connect(port, cancellationToken);
                await LiveUntilEnd(connection, requests, tally, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // The run of this life has lost its agent; the agent begins another life on a new connection.
                tally.RecordFailure();
                await Task.Delay(ReconnectDelay, cancellationToken);
            }
        }
    }

    private async Task LiveUntilEnd(
        RawHttpConnection connection,
        Dictionary<Step, RequestTemplate.Renderer> requests,
        Tally tally,
        CancellationToken cancellationToken)
    {
        while (!tally.HasEnded)
        {
            var number = Interlocked.Increment(ref _lastNumber);
            var born = Stopwatch.GetTimestamp();
            if (await Live(connection, requests, number, tally, cancellationToken))
            {
                tally.Current?.Lives.Record(Stopwatch.GetElapsedTime(born));
            }
            else
            {
                tally.RecordFailure();
            }
        }
    }

    private static async Task<bool> Live(
        RawHttpConnection connection,
        Dictionary<Step, RequestTemplate.Renderer> requests,
        long number,
        Tally tally,
        CancellationToken cancellationToken)
    {
        foreach (var step in Steps)
        {
            var sent = Stopwatch.GetTimestamp();
            if (await connection.Send(requests[step].Render(number), cancellationToken) != step.ExpectedStatus)
            {
                return false;
            }

            tally.Current?.Steps[step.Name].Record(Stopwatch.GetElapsedTime(sent));
        }

        return true;
    }

    private static Step CreateStep(string name, string operation, string json) => new(name, 200, RequestTemplate.Post(
        $"/runs/{Prefix}{RequestTemplate.NumberPlaceholder}/{operation}", BenchmarkSubject.AuthorizationHeader, json));

    private sealed record Step(string Name, int ExpectedStatus, RequestTemplate Request);

    private sealed class Tally(int rounds, TimeSpan window, TimeSpan warmUp)
    {
        private readonly long _begin = Stopwatch.GetTimestamp();

        public List<AgentLifeResult> Windows { get; } =
        [
            .. Enumerable.Range(0, rounds).Select(_ => new AgentLifeResult(
                window.TotalSeconds,
                new LatencyHistogram(),
                Steps.Select(step => step.Name).Distinct().ToDictionary(name => name, _ => new LatencyHistogram()))),
        ];

        public bool HasEnded => Stopwatch.GetElapsedTime(_begin) >= warmUp + (rounds * window);

        /// <summary>The window of this moment; null before the first and after the last.</summary>
        public AgentLifeResult? Current =>
            Stopwatch.GetElapsedTime(_begin) - warmUp is { Ticks: >= 0 } elapsed && elapsed < rounds * window
                ? Windows[(int)(elapsed / window)]
                : null;

        public void RecordFailure() => Current?.RecordFailure();
    }
}
