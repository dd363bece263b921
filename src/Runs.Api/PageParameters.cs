using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>The query of a list: <c>cursor</c>, <c>limit</c> (1-100, 50 when absent), and the extensions <c>kind</c> and <c>status</c>.</summary>
internal sealed record PageParameters
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int CursorBytes = sizeof(long) + 16;

    public string? Cursor { get; private init; }
    public RunCursor? After { get; private init; }
    public int Limit { get; private init; }
    public string? Kind { get; private init; }
    public string? Status { get; private init; }

    /// <summary>Reads the query, or says what is wrong with it.</summary>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out PageParameters? parameters, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        var errors = new List<InvalidMember>();
        var cursor = Value("cursor");
        RunCursor? after = null;
        if (cursor is not null)
        {
            after = Decode(cursor);
            if (after is null)
            {
                errors.Add(new InvalidMember("cursor", "is not a cursor of this list."));
            }
        }

        var limit = DefaultLimit;
        if (Value("limit") is { } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            errors.Add(new InvalidMember("limit", $"must be a whole number from 1 to {MaxLimit}."));
        }

        var (kind, status) = (Member("kind", RunKinds.All), Member("status", RunStatuses.All));
        problem = errors.Count > 0 ? Problems.Invalid(errors) : null;
        parameters = problem is null ? new PageParameters { Cursor = cursor, After = after, Limit = limit, Kind = kind, Status = status } : null;
        return parameters is not null;

        string? Value(string name) => request.Query[name].ToString() is { Length: > 0 } value ? value : null;

        string? Member(string name, IReadOnlyList<string> members)
        {
            var value = Value(name);
            if (value is not null && !members.Contains(value))
            {
                errors.Add(new InvalidMember(name, $"must be one of {string.Join(", ", members)}."));
            }

            return value;
        }
    }

    /// <summary>A cursor as clients see it.</summary>
    public static string Encode(RunCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[CursorBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.CreatedAt.ToUnixTimeMilliseconds());
        cursor.Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    private static RunCursor? Decode(string text)
    {
        Span<byte> bytes = stackalloc byte[CursorBytes];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != CursorBytes)
        {
            return null;
        }

        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new RunCursor(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), new Guid(bytes[sizeof(long)..], bigEndian: true))
            : null;
    }
}
