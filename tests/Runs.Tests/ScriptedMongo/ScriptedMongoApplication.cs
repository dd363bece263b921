namespace Runs.Tests.ScriptedMongo;

/// <summary>An application that uses a scripted MongoDB server.</summary>
public abstract class ScriptedMongoApplication(bool isReplicaSet) : RunsApplication
{
    public ScriptedMongoServer MongoDb { get; } = new(isReplicaSet);

    protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
    {
        ["ConnectionStrings:MongoDb"] = MongoDb.GetConnectionString(serverSelectionMs: 500),
        ["Api:ReplyTimeout"] = "00:00:04",
    });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await MongoDb.DisposeAsync();
    }
}
