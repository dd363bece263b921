using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Checking;

/// <summary>Checks that the queues of the service are empty, and reports messages that are left.</summary>
internal sealed class QueueChecker(Experiment experiment)
{
    private const int MaxReportedMessages = 3;
    private const int MaxReportedBytes = 200;

    private static readonly string[] Queues =
    [
        "runs-lifecycle_error",
        "runs-lifecycle_skipped",
        "runs-commands_error",
        "runs-commands_skipped",
        "runs-dead-letters",
        "runs-lifecycle",
        "runs-commands",
        "runs-schedules",
    ];

    public async Task CheckQueuesAreEmpty()
    {
        await using var connection = await new ConnectionFactory { Uri = experiment.BrokerUrl }.CreateConnectionAsync();
        foreach (var queue in Queues)
        {
            await CheckQueueIsEmpty(connection, queue);
        }
    }

    private async Task CheckQueueIsEmpty(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            var count = (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
            if (count > 0)
            {
                experiment.Violations.Add(Invariants.ErrorQueues, $"{queue} holds {count} messages");
                await ReportMessages(channel, queue);
            }
        }
        catch (OperationInterruptedException)
        {
            // The queue does not exist: it was never needed.
        }
    }

    // The messages are not acknowledged: they are back in the queue when the channel is closed.
    private async Task ReportMessages(IChannel channel, string queue)
    {
        for (var i = 0; i < MaxReportedMessages && await channel.BasicGetAsync(queue, autoAck: false) is { } message; i++)
        {
            experiment.Violations.Add(Invariants.ErrorQueues, $"{queue}: {Describe(message)}");
        }
    }

    private static string Describe(BasicGetResult message)
    {
        if (message.BasicProperties.ReadTextHeader("x-last-death-reason") is { } reason)
        {
            var body = Encoding.UTF8.GetString(message.Body.Span[..Math.Min(MaxReportedBytes, message.Body.Length)]);
            return $"dead-lettered for {reason}: {body}";
        }

        return $"from {message.Exchange}: {message.BasicProperties.ReadTextHeader("MT-Fault-Message") ?? "no cause"}";
    }
}
