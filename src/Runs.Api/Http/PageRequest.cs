using System.Buffers.Binary;
using System.Buffers.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>The query parameters of a list of runs: a page, and filters.</summary>
/// <param name="After">The position that the page begins after. Null for the first page.</param>
/// <param name="CursorText">The cursor of that position, as the client sent it.</param>
/// <param name="Limit">The maximum number of runs in the page.</param>
/// <param name="Kind">Only runs of this kind, or null for all.</param>
/// <param name="Status">Only runs with this current status, or null for all.</param>
internal sealed record PageRequest(RunCursor? After, string? CursorText, int Limit, string? Kind, string? Status)
{
    private const int CursorSizeInBytes = sizeof(long) + 16;

    public static CursorParameter<RunCursor> CursorParameter { get; } = new(
        "The `next` of an earlier page, to continue there. The first page when absent.", DecodeCursor);

    public static IntegerParameter LimitParameter { get; } = new("limit", "The maximum number of items in a page.", 1, 100)
    {
        Default = 50,
    };

    public static EnumParameter KindParameter { get; } = new("kind", "Only runs of this kind.", RunKinds.All);

    public static EnumParameter StatusParameter { get; } = new("status", "Only runs with this current status.", RunStatuses.All);

    /// <summary>Reads the query.</summary>
    public static Result<PageRequest> Read(HttpRequest request)
    {
        var errors = new List<ValidationError>();
        var (after, cursor) = CursorParameter.Read(request, errors);
        var limit = LimitParameter.ReadOrDefault(request, errors);
        var kind = KindParameter.Read(request, errors);
        var status = StatusParameter.Read(request, errors);
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : new PageRequest(after, cursor, limit, kind, status);
    }

    /// <summary>Encodes a cursor for clients.</summary>
    public static string EncodeCursor(RunCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[CursorSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.CreatedAt.ToUnixTimeMilliseconds());
        cursor.Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Decodes a client's cursor, or null when it is invalid.</summary>
    public static RunCursor? DecodeCursor(string text)
    {
        Span<byte> bytes = stackalloc byte[CursorSizeInBytes];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != CursorSizeInBytes)
        {
            return null;
        }

        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new RunCursor(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), new Guid(bytes[sizeof(long)..], bigEndian: true))
            : null;
    }
}
