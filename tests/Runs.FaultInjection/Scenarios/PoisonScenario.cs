using System.Text;
using RabbitMQ.Client;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios;

/// <summary>R13: between good commands come some that no server can use. Each is kept with its cause, and none holds up the others.</summary>
internal static class PoisonScenario
{
    private static readonly string[] Exchanges = ["runs.create-run", "runs.cancel-run", "runs.complete-run", "runs.wait-run"];

    public static async Task Execute(ScenarioContext rig)
    {
        var (rounds, every) = (rig.FullOrShort(100, 10), TimeSpan.FromMilliseconds(500));
        var duration = rig.Options.Duration ?? ((rounds + 20) * every);
        var load = rig.Workloads.Run(0, rig.Options.Creates ?? rig.FullOrShort(3_000, 500), rig.Options.Callers, duration, life => life.Execute());
        await Task.Delay(10 * every); // a measure of how it goes without
        var from = Clock.ElapsedSeconds;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (body, i) in CreatePoisonMessages(round).Select((body, i) => (body, i)))
            {
                await rig.Amqp.PublishRaw(Exchanges[(round + i) % Exchanges.Length], body);
                rig.PoisonMessageCount++;
            }

            await Task.Delay(every);
        }

        var to = Clock.ElapsedSeconds;
        await rig.WaitForCallers(load);
        rig.Experiment.Metrics.Enqueue(("messages that cannot be right", $"{rig.PoisonMessageCount}"));
        rig.Experiment.Metrics.Enqueue(("create over HTTP, before and among them, p50", $"{P50(rig, 0, from)} and {P50(rig, from, to)}"));
        await CheckErrorQueue(rig);
    }

    private static IEnumerable<byte[]> CreatePoisonMessages(int round)
    {
        yield return [0, 159, 146, 150, 255, 1, 2];
        yield return Encoding.UTF8.GetBytes("[1, 2, 3]");
        yield return Encoding.UTF8.GetBytes("""{"tenant":5,"run_id":{}}""");
        yield return Encoding.UTF8.GetBytes("""{"tenant":"dev","run_id":"not an id","kind":"nonsense","status":"nonsense","reason":"nonsense","owner":{"kind":"x","id":"y"},"request":{}}""");
        yield return Encoding.UTF8.GetBytes($$"""{"tenant":"dev","run_id":"deep","request":{{new string('[', 2_000)}}{{new string(']', 2_000)}}}""");
        if (round % 10 == 0)
        {
            yield return Encoding.UTF8.GetBytes($$"""{"tenant":"dev","run_id":"{{new string('x', 10_000_000)}}"}""");
        }
    }

    private static async Task CheckErrorQueue(ScenarioContext rig)
    {
        await using var connection = await new ConnectionFactory { Uri = rig.Experiment.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var kept = 0;
        for (var watch = Clock.ElapsedSeconds; kept < rig.PoisonMessageCount && Clock.ElapsedSeconds - watch < 30;)
        {
            if (await channel.BasicGetAsync("runs-lifecycle_error", autoAck: true) is not { } message)
            {
                await Task.Delay(100);
                continue;
            }

            kept++;
            if (message.BasicProperties.Headers is not { } headers || !headers.TryGetValue("MT-Fault-Message", out var cause) || cause is not byte[] { Length: > 0 })
            {
                rig.Experiment.Violations.Add(Invariants.ErrorQueues, $"a message of {message.Body.Length} bytes is in the error queue without a cause");
            }
        }

        rig.Experiment.Metrics.Enqueue(("kept in the error queue, with a cause", $"{kept}"));
        if (kept != rig.PoisonMessageCount)
        {
            rig.Experiment.Violations.Add(Invariants.ErrorQueues, $"{kept} of {rig.PoisonMessageCount} messages that cannot be right are in the error queue");
        }
    }

    private static string P50(ScenarioContext rig, double from, double to) => MetricFormat.Percentile(
        rig.Experiment.History.Calls.Where(call => call is { Call: "create", Answer: "202" } && call.Start >= from && call.End <= to).Select(call => call.End - call.Start), 0.5);
}
