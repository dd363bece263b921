using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Npgsql;

namespace Runs.DocumentDbGateway;

/// <summary>
/// Translates the SQLSTATEs of PostgreSQL and the extension to MongoDB's error codes. The codes that drivers act on are
/// exact; the others are similar.
/// </summary>
internal static class Errors
{
    private const int InternalError = 1;
    private const int BadValue = 2;
    private const int FailedToParse = 9;
    private const int IndexKeySpecsConflict = 86;
    private const int WriteConflict = 112;
    private const int DuplicateKey = 11000;
    private const int OutOfDiskSpace = 14031;

    public const int CursorNotFound = 43;
    public const int CommandNotFound = 59;
    public const int ShutdownInProgress = 91;
    public const int NoSuchTransaction = 251;

    public static bool IsWriteConflict(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    public static byte[] Document(int code, string message)
    {
        var error = new BsonDocument { { "ok", 0.0 }, { "errmsg", message }, { "code", code } };
        if (code is WriteConflict or NoSuchTransaction)
        {
            error["errorLabels"] = new BsonArray { "TransientTransactionError" };
        }

        return error.ToBson();
    }

    public static byte[] Document(PostgresException e) => Document(Code(e.SqlState), Text(Code(e.SqlState), e.MessageText));

    public static bool HasWriteConflict(byte[] result) =>
        WriteErrors(BsonSerializer.Deserialize<BsonDocument>(result))
            .Any(error => Code(SqlState(error["code"].ToInt32())) == WriteConflict);

    /// <summary>
    /// The result of a write of which something failed: its errors carry SQLSTATEs packed into numbers.
    /// </summary>
    public static byte[] WithCodes(byte[] result)
    {
        var document = BsonSerializer.Deserialize<BsonDocument>(result);
        foreach (var error in WriteErrors(document))
        {
            var code = Code(SqlState(error["code"].ToInt32()));
            error["code"] = code;
            error["errmsg"] = Text(code, error.GetValue("errmsg", "").AsString);
        }

        return document.ToBson();
    }

    private static IEnumerable<BsonDocument> WriteErrors(BsonDocument result) =>
        result.GetValue("writeErrors", new BsonArray()).AsBsonArray.Select(error => error.AsBsonDocument);

    private static int Code(string sqlState) => sqlState switch
    {
        // The extension's unique indexes are exclusion constraints; where it looks itself, it says M001C.
        PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation or "M001C" => DuplicateKey,
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => WriteConflict,
        PostgresErrorCodes.DiskFull => OutOfDiskSpace,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => ShutdownInProgress,
        "M0003" => FailedToParse,
        "M000S" => IndexKeySpecsConflict,
        ['M', ..] => BadValue,
        _ => InternalError,
    };

    private static string Text(int code, string message) => code == DuplicateKey ? $"E11000 duplicate key error: {message}" : message;

    /// <summary>PostgreSQL packs the five characters of a SQLSTATE into six bits each.</summary>
    private static string SqlState(int packed) => string.Create(5, packed, (characters, bits) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)('0' + ((bits >> (6 * i)) & 0x3F));
        }
    });
}
