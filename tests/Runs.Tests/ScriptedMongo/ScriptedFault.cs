using MongoDB.Bson;

namespace Runs.Tests.ScriptedMongo;

/// <summary>A fault of one command.</summary>
/// <param name="IsApplied">Whether the command is executed nevertheless.</param>
/// <param name="IsLost">Whether the connection is closed instead of a response.</param>
/// <param name="ChangeResponse">
/// Returns the response, given the correct one, which is null when the command is not executed.
/// </param>
public sealed record ScriptedFault(bool IsApplied, bool IsLost, Func<BsonDocument?, BsonDocument> ChangeResponse)
{
    /// <summary>The command is executed, and the connection is closed before the response.</summary>
    public static ScriptedFault LostResponse { get; } = new(IsApplied: true, IsLost: true, _ => []);

    /// <summary>The command is executed, and no majority confirms it in time.</summary>
    public static ScriptedFault Unconfirmed { get; } = new(IsApplied: true, IsLost: false, response => new BsonDocument(response!)
    {
        ["writeConcernError"] = new BsonDocument
        {
            { "code", 64 },
            { "codeName", "WriteConcernTimeout" },
            { "errmsg", "waiting for replication timed out" },
        },
    });

    /// <summary>A read finds nothing, as on a former primary that has not noticed the election.</summary>
    public static ScriptedFault FindsNothing { get; } = new(IsApplied: false, IsLost: false, _ => ScriptedDatabase.CursorResponse([]));

    /// <summary>The command is not executed, and the response is an error.</summary>
    public static ScriptedFault Error(int code) => new(IsApplied: false, IsLost: false, _ => new BsonDocument
    {
        { "ok", 0 }, { "code", code }, { "codeName", $"Code{code}" }, { "errmsg", $"failed with {code}" },
    });
}
