using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>The saga's instance.</summary>
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
}
