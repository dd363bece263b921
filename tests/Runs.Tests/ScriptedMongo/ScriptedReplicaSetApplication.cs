namespace Runs.Tests.ScriptedMongo;

/// <summary>An application that uses the scripted primary of a replica set.</summary>
public sealed class ScriptedReplicaSetApplication() : ScriptedMongoApplication(isReplicaSet: true);
