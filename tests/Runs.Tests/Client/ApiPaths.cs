namespace Runs.Tests.Client;

/// <summary>Paths of the API that many tests use.</summary>
public static class ApiPaths
{
    public static string ConversationRun(string run, string conversation = RunsApplication.Conversation) =>
        $"/conversations/{conversation}/runs/{run}";

    public static string InputRequests(string conversation = RunsApplication.Conversation) =>
        $"/conversations/{conversation}/input-requests";

    public static string RunInputRequests(string run) => $"/runs/{run}/input-requests";
}
