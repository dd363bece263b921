namespace Runs.Api.Events;

/// <summary>
/// Limits the events that the subscriptions of this process buffer, in characters, each of two bytes. A subscription
/// that does not fit buffers nothing, and its subscribers read the store.
/// </summary>
internal sealed class EventBufferMemory(long maxCharacters = EventBufferMemory.DefaultMaxCharacters)
{
    private const long DefaultMaxCharacters = 32 * 1024 * 1024;

    private readonly Lock _lock = new();

    /// <summary>The characters that are buffered.</summary>
    public long UsedCharacters { get; private set; }

    /// <summary>Changes the size of a buffer.</summary>
    /// <returns>False, without a change, when the new size does not fit.</returns>
    public bool TryResize(long oldCharacters, long newCharacters)
    {
        lock (_lock)
        {
            var used = UsedCharacters - oldCharacters + newCharacters;
            if (newCharacters > oldCharacters && used > maxCharacters)
            {
                return false;
            }

            UsedCharacters = used;
            return true;
        }
    }
}
