namespace Runs.Tests.ScriptedMongo;

/// <summary>A server whose store is a scripted MongoDB.</summary>
public abstract class ScriptedMongoApplication(bool isReplicaSet) : RunsApplication
{
    public ScriptedMongoServer MongoDb { get; } = new(isReplicaSet);

    protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
    {
        ["ConnectionStrings:MongoDb"] = MongoDb.ConnectionString,
        ["Api:ReplyTimeout"] = "00:00:04",
    });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await MongoDb.DisposeAsync();
    }
}

/// <summary>Its primary.</summary>
public sealed class ScriptedReplicaSetApplication() : ScriptedMongoApplication(isReplicaSet: true);

public sealed class ScriptedStandaloneApplication() : ScriptedMongoApplication(isReplicaSet: false);
