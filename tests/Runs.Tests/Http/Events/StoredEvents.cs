using Runs.Store;

namespace Runs.Tests.Http;

/// <summary>Reads what the API does not return: hidden events.</summary>
internal static class StoredEvents
{
    /// <summary>Reads the whole log of a run of tenant <c>dev</c> from the store.</summary>
    public static async Task<IReadOnlyList<RunEvent>> ReadStoredEvents(this RunsApplication application, string run)
    {
        var found = (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
        var events = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await application.Store.ReadEvents(found, events.Count, 1000, EventVisibility.All, default);
            events.AddRange(page);
        }
        while (page.Count > 0);

        return events;
    }
}
