using System.Globalization;

namespace Runs.Bench.Torture;

/// <summary>What is in the broker's queues.</summary>
internal static class BrokerQueues
{
    public static async Task<IReadOnlyDictionary<string, (int Ready, int Unacknowledged)>> Read(Container broker)
    {
        var text = await broker.Execute("rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name", "messages_ready", "messages_unacknowledged");
        return text.Split('\n').Select(line => line.Split('\t')).Where(fields => fields.Length == 3)
            .ToDictionary(fields => fields[0], fields => (Number(fields[1]), Number(fields[2])));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
