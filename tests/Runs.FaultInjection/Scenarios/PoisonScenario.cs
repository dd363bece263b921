using System.Text;
using RabbitMQ.Client;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R13: messages that are no valid commands between valid ones. Each is kept with its cause, and none delays the
/// others.
/// </summary>
internal static class PoisonScenario
{
    private static readonly string[] Exchanges =
        ["runs.create-run", "runs.cancel-run", "runs.complete-run", "runs.wait-run"];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static async Task Execute(ScenarioContext context)
    {
        var rounds = context.FullOrShort(100, 10);
        var duration = context.Options.Duration ?? ((rounds + 20) * Interval);
        var creates = context.Options.Creates ?? context.FullOrShort(3_000, 500);
        var load = context.Workloads.Run(creates, context.Options.Callers, duration, workload => workload.Execute());
        await Task.Delay(10 * Interval); // for the latency without such messages
        var from = Clock.ElapsedSeconds;
        var published = 0;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (index, body) in CreatePoisonMessages(round).Index())
            {
                await context.Amqp.PublishRaw(Exchanges[(round + index) % Exchanges.Length], body);
                published++;
            }

            await Task.Delay(Interval);
        }

        var to = Clock.ElapsedSeconds;
        await context.WaitForCallers(load);
        var (before, among) = (MedianLatency(context.Experiment, 0, from), MedianLatency(context.Experiment, from, to));
        context.Experiment.AddMetric("messages that are no valid commands", $"{published}");
        context.Experiment.AddMetric("create over HTTP, before and among them, p50", $"{before} and {among}");
        await CheckErrorQueue(context.Experiment, published);
    }

    private static IEnumerable<byte[]> CreatePoisonMessages(int round)
    {
        yield return [0, 159, 146, 150, 255, 1, 2];
        yield return Encoding.UTF8.GetBytes("[1, 2, 3]");
        yield return Encoding.UTF8.GetBytes("""{"tenant":5,"run_id":{}}""");
        yield return Encoding.UTF8.GetBytes(
            """{"tenant":"dev","run_id":"not an id","kind":"nonsense","status":"nonsense","reason":"nonsense","""
            + """ "owner":{"kind":"x","id":"y"},"request":{}}""");
        var (open, close) = (new string('[', 2_000), new string(']', 2_000));
        yield return Encoding.UTF8.GetBytes($$"""{"tenant":"dev","run_id":"deep","request":{{open}}{{close}}}""");
        if (round % 10 == 0)
        {
            yield return Encoding.UTF8.GetBytes($$"""{"tenant":"dev","run_id":"{{new string('x', 10_000_000)}}"}""");
        }
    }

    private static async Task CheckErrorQueue(Experiment experiment, int published)
    {
        await using var connection = await new ConnectionFactory { Uri = experiment.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var kept = 0;
        for (var start = Clock.ElapsedSeconds; kept < published && Clock.ElapsedSeconds - start < 30;)
        {
            if (await channel.BasicGetAsync("runs-lifecycle_error", autoAck: true) is not { } message)
            {
                await Task.Delay(100);
                continue;
            }

            kept++;
            if (message.BasicProperties.ReadTextHeader("MT-Fault-Message") is null or "")
            {
                experiment.Violations.Add(
                    Invariants.ErrorQueues,
                    $"a message of {message.Body.Length} bytes is in the error queue without a cause");
            }
        }

        experiment.AddMetric("kept in the error queue, with a cause", $"{kept}");
        if (kept != published)
        {
            experiment.Violations.Add(
                Invariants.ErrorQueues,
                $"{kept} of {published} messages that are no valid commands are in the error queue");
        }
    }

    private static string MedianLatency(Experiment experiment, double from, double to)
    {
        var creates = experiment.History.Calls.Where(call => call.IsAcceptedCreate && call.Start >= from && call.End <= to);
        return MetricFormat.Percentile(LatencyHistogram.FromSeconds(creates.Select(call => call.Latency)), 0.5);
    }
}
