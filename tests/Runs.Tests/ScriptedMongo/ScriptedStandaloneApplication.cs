namespace Runs.Tests.ScriptedMongo;

/// <summary>An application that uses a scripted MongoDB server without a replica set.</summary>
public sealed class ScriptedStandaloneApplication() : ScriptedMongoApplication(isReplicaSet: false);
