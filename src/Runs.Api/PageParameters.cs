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

        var limit = (int)(Number(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        var (kind, status) = (Member(request, "kind", RunKinds.All, errors), Member(request, "status", RunStatuses.All, errors));
        problem = errors.Count > 0 ? Problems.Invalid(errors) : null;
        parameters = problem is null ? new PageParameters { Cursor = cursor, After = after, Limit = limit, Kind = kind, Status = status } : null;
        return parameters is not null;

        string? Value(string name) => request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    /// <summary>A member of an enumeration in the query, or null when it is absent; what is wrong with it is noted.</summary>
    public static string? Member(HttpRequest request, string name, IReadOnlyList<string> members, List<InvalidMember> errors)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } value)
        {
            return null;
        }

        if (!members.Contains(value))
        {
            errors.Add(new InvalidMember(name, $"must be one of {string.Join(", ", members)}."));
        }

        return value;
    }

    /// <summary>A whole number of the query, or null when it is absent; what is wrong with it is noted.</summary>
    public static long? Number(HttpRequest request, string name, long min, long max, List<InvalidMember> errors)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(new InvalidMember(name, $"must be a whole number from {min} to {max}."));
        return null;
    }

    /// <summary>A cursor as clients see it.</summary>
    public static string Encode(RunCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[CursorBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.CreatedAt.ToUnixTimeMilliseconds());
        cursor.Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The place that a cursor marks, or null.</summary>
    public static RunCursor? Decode(string text)
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
