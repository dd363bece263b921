namespace Runs.Store;

/// <summary>Reads a list of the store page by page.</summary>
public static class StorePages
{
    /// <summary>Reads pages until one is not full.</summary>
    /// <param name="pageSize">The size of a full page.</param>
    /// <param name="readPage">Reads the page after an item; null for the first page.</param>
    public static async IAsyncEnumerable<IReadOnlyList<T>> Read<T>(int pageSize, Func<T?, Task<IReadOnlyList<T>>> readPage)
        where T : class
    {
        IReadOnlyList<T> page = [];
        do
        {
            page = await readPage(page is [.., var last] ? last : null);
            yield return page;
        }
        while (page.Count == pageSize);
    }
}
