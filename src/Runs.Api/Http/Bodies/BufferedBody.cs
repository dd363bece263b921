using System.Buffers;
using System.Text.Json;

namespace Runs.Api.Http;

/// <summary>
/// Buffers a request's body, in pooled segments that grow as it arrives. Each segment is charged to the tenant before
/// it is rented: a client is charged for what it sends, not for its Content-Length. The charge ends with the request,
/// because the values parsed from the body live that long.
/// </summary>
internal sealed class BufferedBody(TenantConcurrencyLimiter memory, string tenant) : IDisposable
{
    private const int FirstSegmentSize = 4 * 1024;
    private const int MaxSegmentSize = 64 * 1024;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly List<TenantLease> _leases = [];
    private readonly List<byte[]> _segments = [];
    private int _freeBytes;

    /// <summary>The number of buffered bytes.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Appends bytes that have arrived. Returns the limit that was reached, or <see cref="LimitedBy.None"/>.
    /// </summary>
    public LimitedBy Append(in ReadOnlySequence<byte> bytes)
    {
        foreach (var part in bytes)
        {
            for (var rest = part.Span; rest.Length > 0;)
            {
                if (_freeBytes == 0 && AddSegment() is var limit and not LimitedBy.None)
                {
                    return limit;
                }

                var last = _segments[^1];
                var count = Math.Min(_freeBytes, rest.Length);
                rest[..count].CopyTo(last.AsSpan(last.Length - _freeBytes));
                rest = rest[count..];
                _freeBytes -= count;
                Length += count;
            }
        }

        return LimitedBy.None;
    }

    /// <summary>
    /// Parses the body. The document is valid until this object is disposed. When the parser throws, the bytes stay
    /// until then, too.
    /// </summary>
    public JsonDocument Parse(JsonDocumentOptions options)
    {
        if (_segments.Count <= 1)
        {
            var bytes = _segments.Count == 0 ? default : _segments[0].AsMemory(0, (int)Length);
            return JsonDocument.Parse(bytes.Span.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes, options);
        }

        var document = JsonDocument.Parse(ToSequence(), options); // copies a body of several segments
        ReturnSegments();
        return document;
    }

    /// <summary>The buffered bytes without a byte order mark, until they are parsed.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (_segments.Count == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        var start = _segments[0].AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var first = new Segment(_segments[0].AsMemory(start), null);
        var last = _segments.Skip(1).Aggregate(first, (previous, bytes) => new Segment(bytes, previous));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length - _freeBytes);
    }

    public void Dispose()
    {
        ReturnSegments();
        _leases.ForEach(lease => lease.Dispose());
        _leases.Clear();
    }

    private LimitedBy AddSegment()
    {
        var size = _segments.Count == 0 ? FirstSegmentSize : Math.Min(MaxSegmentSize, 2 * _segments[^1].Length);
        var lease = memory.Acquire(tenant, size / RequestLimits.BytesPerPermit);
        if (lease.IsAcquired)
        {
            _leases.Add(lease);
            _segments.Add(ArrayPool<byte>.Shared.Rent(size));
            _freeBytes = _segments[^1].Length;
        }

        return lease.LimitedBy;
    }

    private void ReturnSegments()
    {
        _segments.ForEach(segment => ArrayPool<byte>.Shared.Return(segment));
        _segments.Clear();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
