using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>Reads the state of the broker's queues.</summary>
public static class BrokerQueues
{
    /// <summary>The number of messages of each queue, by the queue's name.</summary>
    public static async Task<IReadOnlyDictionary<string, (int Ready, int Unacknowledged)>> ReadMessageCounts(Container broker)
    {
        var output = await broker.Execute(
            "rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name", "messages_ready", "messages_unacknowledged");
        return output
            .Split('\n')
            .Select(line => line.Split('\t'))
            .Where(fields => fields.Length == 3)
            .ToDictionary(fields => fields[0], fields => (ParseCount(fields[1]), ParseCount(fields[2])));
    }

    private static int ParseCount(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
