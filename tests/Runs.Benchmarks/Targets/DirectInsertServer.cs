namespace Runs.Benchmarks.Targets;

/// <summary>No broker at all: a request, one insert, 202. And one find for a GET. What a create would cost if nothing but the database stood behind it.</summary>
internal static class DirectInsertServer
{
    public static Task Run(int port, string store)
    {
        var runs = new BaselineRunStore(store);
        return BaselineHttpServer.Serve(port, runs.Create, runs.Find);
    }
}
