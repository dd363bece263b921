using MassTransit;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The saga instance.</summary>
public sealed class MassTransitRunSaga : SagaStateMachineInstance, ISagaVersion
{
    [BsonId, BsonGuidRepresentation(GuidRepresentation.Standard)]
    public Guid CorrelationId { get; set; }

    public int Version { get; set; }

    public string CurrentState { get; set; } = "";

    public string RunId { get; set; } = "";

    public string Kind { get; set; } = "";

    public string OwnerKind { get; set; } = "";

    public string OwnerId { get; set; } = "";

    public string Request { get; set; } = "";

    public DateTime CreatedAt { get; set; }

    internal void Initialize(SubmitRun command)
    {
        RunId = command.RunId;
        Kind = command.Kind;
        OwnerKind = command.OwnerKind;
        OwnerId = command.OwnerId;
        Request = command.Request;
        CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
    }
}
