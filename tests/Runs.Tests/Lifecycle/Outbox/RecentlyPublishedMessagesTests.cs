using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class RecentlyPublishedMessagesTests
{
    private static readonly Guid[] Ids = [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];

    [Fact]
    public void The_latest_messages_are_remembered_and_older_ones_evicted()
    {
        var confirmed = new RecentlyPublishedMessages(maxCount: 2);
        foreach (var id in Ids)
        {
            confirmed.Add(id);
        }

        Assert.Equal([false, true, true], Ids.Select(confirmed.Contains));
    }

    [Fact]
    public void A_repeated_message_evicts_nothing()
    {
        var confirmed = new RecentlyPublishedMessages(maxCount: 2);
        confirmed.Add(Ids[0]);
        confirmed.Add(Ids[1]);
        confirmed.Add(Ids[1]);

        Assert.Equal([true, true, false], Ids.Select(confirmed.Contains));
    }
}
