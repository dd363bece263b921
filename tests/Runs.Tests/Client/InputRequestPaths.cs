namespace Runs.Tests.Client;

/// <summary>The two places at which the API has input requests: below a conversation, and below a run.</summary>
public sealed class InputRequestPaths
{
    private InputRequestPaths()
    {
    }

    /// <summary>Below the conversation that the run belongs to.</summary>
    public static InputRequestPaths OfConversation { get; } = new();

    /// <summary>Below the run, which belongs to a project and has no conversation.</summary>
    public static InputRequestPaths OfRun { get; } = new();

    /// <summary>The conversation that input requests show; null below a run without one.</summary>
    public string? Conversation => this == OfRun ? null : RunsApplication.Conversation;

    /// <summary>The path of a run's input requests.</summary>
    public string Get(string run) => this == OfRun ? ApiPaths.RunInputRequests(run) : ApiPaths.InputRequests();

    /// <summary>Creates a run that has started.</summary>
    /// <returns>The run's id.</returns>
    public Task<string> CreateRun(HttpClient client) => this == OfRun ? client.CreateRunningTask() : client.CreateRunningAgent();
}
