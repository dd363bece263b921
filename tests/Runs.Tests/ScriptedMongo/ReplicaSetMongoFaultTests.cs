namespace Runs.Tests.ScriptedMongo;

public sealed class ReplicaSetMongoFaultTests(ScriptedReplicaSetApplication application)
    : MongoFaultTests(application), IClassFixture<ScriptedReplicaSetApplication>;
