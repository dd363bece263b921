using MongoDB.Bson;

namespace Runs.Tests.ScriptedMongo;

/// <summary>What goes wrong with one command.</summary>
/// <param name="IsApplied">Whether it is carried out all the same.</param>
/// <param name="IsLost">Whether the connection breaks instead of an answer.</param>
/// <param name="ChangeResponse">The answer, made of the right one, which is null when the command is not carried out.</param>
public sealed record ScriptedFault(bool IsApplied, bool IsLost, Func<BsonDocument?, BsonDocument> ChangeResponse)
{
    /// <summary>It is carried out, and the connection breaks before the answer.</summary>
    public static ScriptedFault LostResponse { get; } = new(IsApplied: true, IsLost: true, _ => []);

    /// <summary>It is carried out, and no majority confirms it in time.</summary>
    public static ScriptedFault Unconfirmed { get; } = new(IsApplied: true, IsLost: false, answer => new BsonDocument(answer!)
    {
        ["writeConcernError"] = new BsonDocument { { "code", 64 }, { "codeName", "WriteConcernTimeout" }, { "errmsg", "waiting for replication timed out" } },
    });

    /// <summary>A read finds nothing, as on a primary that does not know yet that it is none any more.</summary>
    public static ScriptedFault FindsNothing { get; } = new(IsApplied: false, IsLost: false, _ => ScriptedDatabase.CursorResponse([]));

    /// <summary>It is not carried out, and the answer is an error.</summary>
    public static ScriptedFault Error(int code) => new(IsApplied: false, IsLost: false, _ => new BsonDocument
    {
        { "ok", 0 }, { "code", code }, { "codeName", $"Code{code}" }, { "errmsg", $"refused with {code}" },
    });
}
