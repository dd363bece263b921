namespace Runs.Store;

/// <summary>Collects the items of a page until it has enough of them or reaches its size limit.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <param name="maxItems">The maximum number of items.</param>
/// <param name="maxCharacters">
/// The maximum size of the page. The first item always fits, so that a reader of pages always makes progress.
/// </param>
public sealed class PageBuilder<T>(int maxItems = int.MaxValue, long maxCharacters = PageBuilder<T>.DefaultMaxCharacters)
{
    // The maximum size of a reply of MongoDB.
    private const long DefaultMaxCharacters = 16 * 1024 * 1024;

    private readonly List<T> _items = [];

    /// <summary>The items of the page.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>The size of all items that were passed to this builder, including one that did not fit.</summary>
    public long CharacterCount { get; private set; }

    /// <summary>Whether no further item fits.</summary>
    public bool IsFull => _items.Count >= maxItems || CharacterCount >= maxCharacters;

    /// <summary>Adds an item if it fits, with the size of those parts of it that can be large.</summary>
    /// <returns>False when the page is complete without the item.</returns>
    public bool TryAdd(T item, long characterCount)
    {
        CharacterCount += characterCount;
        if (_items.Count >= maxItems || (_items.Count > 0 && CharacterCount > maxCharacters))
        {
            return false;
        }

        _items.Add(item);
        return true;
    }

    /// <summary>
    /// Adds an item that has already been read, even if it does not fit: the page may exceed its limits by the items of
    /// one read.
    /// </summary>
    public void Add(T item, long characterCount)
    {
        CharacterCount += characterCount;
        _items.Add(item);
    }
}
