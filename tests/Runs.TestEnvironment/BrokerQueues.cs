using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>What is in the broker's queues.</summary>
public static class BrokerQueues
{
    public static async Task<IReadOnlyDictionary<string, (int Ready, int Unacknowledged)>> ReadMessageCounts(Container broker)
    {
        var text = await broker.Execute("rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name", "messages_ready", "messages_unacknowledged");
        return text.Split('\n').Select(line => line.Split('\t')).Where(fields => fields.Length == 3)
            .ToDictionary(fields => fields[0], fields => (ParseCount(fields[1]), ParseCount(fields[2])));
    }

    private static int ParseCount(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
