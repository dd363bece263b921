namespace Runs.Tests.ScriptedMongo;

public sealed class StandaloneMongoFaultTests(ScriptedStandaloneApplication application)
    : MongoFaultTests(application), IClassFixture<ScriptedStandaloneApplication>;
