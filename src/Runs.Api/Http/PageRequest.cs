using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>
/// The query parameters of a list: <c>cursor</c>, <c>limit</c> (1-100, 50 when absent), and the extensions <c>kind</c>
/// and <c>status</c>.
/// </summary>
internal sealed record PageRequest
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int CursorSizeInBytes = sizeof(long) + 16;

    public string? Cursor { get; private init; }
    public RunCursor? After { get; private init; }
    public int Limit { get; private init; }
    public string? Kind { get; private init; }
    public string? Status { get; private init; }

    /// <summary>Reads the query, or returns the problem with it.</summary>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out PageRequest? page, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        var errors = new List<ValidationError>();
        var cursor = Value("cursor");
        RunCursor? after = null;
        if (cursor is not null)
        {
            after = DecodeCursor(cursor);
            if (after is null)
            {
                errors.Add(new ValidationError("cursor", "is not a cursor of this list."));
            }
        }

        var limit = (int)(ReadInteger(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        var (kind, status) = (ReadEnum(request, "kind", RunKinds.All, errors), ReadEnum(request, "status", RunStatuses.All, errors));
        problem = errors.Count > 0 ? Problems.ValidationFailed(errors) : null;
        page = problem is null ? new PageRequest { Cursor = cursor, After = after, Limit = limit, Kind = kind, Status = status } : null;
        return page is not null;

        string? Value(string name) => request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    /// <summary>
    /// Reads an enumeration parameter, or null when it is absent. An invalid value is added to
    /// <paramref name="errors"/>.
    /// </summary>
    public static string? ReadEnum(HttpRequest request, string name, IReadOnlyList<string> allowedValues, List<ValidationError> errors)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } value)
        {
            return null;
        }

        if (!allowedValues.Contains(value))
        {
            errors.Add(new ValidationError(name, $"must be one of {string.Join(", ", allowedValues)}."));
        }

        return value;
    }

    /// <summary>
    /// Reads an integer parameter, or null when it is absent. An invalid value is added to <paramref name="errors"/>.
    /// </summary>
    public static long? ReadInteger(HttpRequest request, string name, long min, long max, List<ValidationError> errors)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(new ValidationError(name, $"must be a whole number from {min} to {max}."));
        return null;
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
