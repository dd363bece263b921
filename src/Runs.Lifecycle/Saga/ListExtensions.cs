namespace Runs.Lifecycle;

internal static class ListExtensions
{
    /// <summary>Removes the oldest items, which come first, until <paramref name="count"/> are left.</summary>
    public static void KeepLatest<T>(this List<T> list, int count) => list.RemoveRange(0, Math.Max(0, list.Count - count));
}
