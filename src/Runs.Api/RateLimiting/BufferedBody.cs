using System.Buffers;
using System.Text.Json;

namespace Runs.Api.RateLimiting;

/// <summary>
/// What has arrived of a request's body, in pooled segments that grow with it. Each segment is charged to the tenant before it is rented: a client is charged for what it
/// sends, not for what it announces. The charge ends with the request, because what was read from the body lives as long.
/// </summary>
internal sealed class BufferedBody(TenantLimiter memory, string tenant) : IDisposable
{
    private const int FirstSegment = 4 * 1024;
    private const int LargestSegment = 64 * 1024;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly List<TenantLease> _leases = [];
    private readonly List<byte[]> _segments = [];
    private int _free;

    /// <summary>How many bytes there are.</summary>
    public long Length { get; private set; }

    /// <summary>Adds what has arrived. Anything but <see cref="LimitedBy.None"/> says that there is no room for it.</summary>
    public LimitedBy Append(in ReadOnlySequence<byte> bytes)
    {
        foreach (var part in bytes)
        {
            for (var rest = part.Span; rest.Length > 0;)
            {
                if (_free == 0 && Grow() is var limit and not LimitedBy.None)
                {
                    return limit;
                }

                var last = _segments[^1];
                var count = Math.Min(_free, rest.Length);
                rest[..count].CopyTo(last.AsSpan(last.Length - _free));
                rest = rest[count..];
                _free -= count;
                Length += count;
            }
        }

        return LimitedBy.None;
    }

    /// <summary>Parses it. The document is valid until this is disposed of.</summary>
    public JsonDocument Parse(JsonDocumentOptions options)
    {
        if (_segments.Count <= 1)
        {
            var bytes = _segments.Count == 0 ? default : _segments[0].AsMemory(0, (int)Length);
            return JsonDocument.Parse(bytes.Span.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes, options);
        }

        try
        {
            return JsonDocument.Parse(Sequence(), options); // copies what does not lie in one piece
        }
        finally
        {
            ReturnSegments();
        }
    }

    public void Dispose()
    {
        ReturnSegments();
        _leases.ForEach(lease => lease.Dispose());
        _leases.Clear();
    }

    private LimitedBy Grow()
    {
        var size = _segments.Count == 0 ? FirstSegment : Math.Min(LargestSegment, 2 * _segments[^1].Length);
        var lease = memory.Acquire(tenant, size / RequestLimits.BytesPerPermit);
        if (lease.IsAcquired)
        {
            _leases.Add(lease);
            _segments.Add(ArrayPool<byte>.Shared.Rent(size));
            _free = _segments[^1].Length;
        }

        return lease.LimitedBy;
    }

    private ReadOnlySequence<byte> Sequence()
    {
        var start = _segments[0].AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var first = new Segment(_segments[0].AsMemory(start), null);
        var last = _segments.Skip(1).Aggregate(first, (before, bytes) => new Segment(bytes, before));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length - _free);
    }

    private void ReturnSegments()
    {
        _segments.ForEach(segment => ArrayPool<byte>.Shared.Return(segment));
        _segments.Clear();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
