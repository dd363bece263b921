namespace Runs.Store;

/// <summary>Reads a list of the store page by page.</summary>
public static class StorePages
{
    /// <summary>Reads pages until one is not full.</summary>
    /// <param name="pageSize">The size of a full page.</param>
    /// <param name="readPage">Reads the page after an item; null for the first page.</param>
    /// <param name="after">The item after which the first page begins; null for the beginning of the list.</param>
    public static async IAsyncEnumerable<IReadOnlyList<T>> Read<T>(
        int pageSize, Func<T?, Task<IReadOnlyList<T>>> readPage, T? after = null)
        where T : class
    {
        IReadOnlyList<T> page = [];
        do
        {
            page = await readPage(page is [.., var last] ? last : after);
            yield return page;
        }
        while (page.Count == pageSize);
    }
}
