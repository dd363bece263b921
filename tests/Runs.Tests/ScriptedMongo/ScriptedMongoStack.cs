namespace Runs.Tests.ScriptedMongo;

/// <summary>A server whose store is a scripted MongoDB.</summary>
public abstract class ScriptedMongoStack(bool isReplicaSet) : Stack
{
    public ScriptedMongoServer MongoDb { get; } = new(isReplicaSet);

    protected override Task<Dictionary<string, string?>> Settings() => Task.FromResult(new Dictionary<string, string?>
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
public sealed class ScriptedReplicaSetStack() : ScriptedMongoStack(isReplicaSet: true);

public sealed class ScriptedStandaloneStack() : ScriptedMongoStack(isReplicaSet: false);
