namespace Runs.Benchmarks.Targets;

/// <summary>
/// No broker: a request, one insert, 202; and one find for a GET. What a create would cost with nothing but the
/// database behind it.
/// </summary>
internal static class DirectInsertServer
{
    public static Task Run(int port, string store)
    {
        var runs = new BaselineRunStore(store);
        return BaselineHttpServer.Serve(port, runs.Create, runs.Find);
    }
}
