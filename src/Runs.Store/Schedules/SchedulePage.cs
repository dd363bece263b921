namespace Runs.Store;

/// <summary>One page of a list.</summary>
/// <param name="Schedules">The schedules, newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last page.</param>
/// <param name="CharacterCount">The total length of their configs, in characters.</param>
public sealed record SchedulePage(IReadOnlyList<Schedule> Schedules, RunCursor? Next, long CharacterCount)
{
    internal static SchedulePage From(IEnumerable<Schedule> schedules, int limit)
    {
        var page = new PageBuilder<Schedule>(limit);
        foreach (var schedule in schedules)
        {
            if (!page.TryAdd(schedule, schedule.Config?.Text.Length ?? 0))
            {
                var last = page.Items[^1];
                return new SchedulePage(page.Items, new RunCursor(last.CreatedAt, last.Id), page.CharacterCount);
            }
        }

        return new SchedulePage(page.Items, null, page.CharacterCount);
    }
}
