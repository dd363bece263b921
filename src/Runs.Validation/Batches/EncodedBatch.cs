namespace Runs.Validation;

/// <summary>A batch to be sent: items that are already encoded.</summary>
internal sealed class EncodedBatch(BatchFormat format, IReadOnlyList<ReadOnlyMemory<byte>> items)
{
    /// <summary>
    /// The maximum size of a batch of several items: large ones delay the small ones that share a message with them.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The format of the batch.</summary>
    public BatchFormat Format => format;

    /// <summary>The number of items.</summary>
    public int Count => items.Count;

    /// <summary>
    /// Splits items into batches of at most <see cref="MaxBytes"/>. A larger item is alone in its batch.
    /// </summary>
    public static IEnumerable<EncodedBatch> Split(BatchFormat format, IEnumerable<ReadOnlyMemory<byte>> items)
    {
        var batch = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var item in items)
        {
            if (batch.Count > 0 && bytes + item.Length > MaxBytes)
            {
                yield return new EncodedBatch(format, batch);
                (batch, bytes) = ([], 0);
            }

            batch.Add(item);
            bytes += item.Length;
        }

        if (batch.Count > 0)
        {
            yield return new EncodedBatch(format, batch);
        }
    }

    /// <summary>The items as one JSON array.</summary>
    public byte[] ToJson()
    {
        var json = new byte[items.Sum(item => item.Length + 1) + 1];
        var position = 0;
        foreach (var item in items)
        {
            json[position++] = (byte)',';
            item.Span.CopyTo(json.AsSpan(position));
            position += item.Length;
        }

        (json[0], json[^1]) = ((byte)'[', (byte)']');
        return json;
    }
}
