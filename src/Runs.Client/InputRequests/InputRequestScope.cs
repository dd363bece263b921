namespace Runs.Client;

/// <summary>Whose input requests a call is about: those of a conversation, or those of a run.</summary>
public sealed record InputRequestScope
{
    private InputRequestScope(string path) => Path = path;

    internal string Path { get; }

    /// <summary>The input requests of a conversation, a UUID.</summary>
    public static InputRequestScope Conversation(string conversationId) => new($"/conversations/{Escape(conversationId)}/input-requests");

    /// <summary>The input requests of a run, also of one that belongs to a project.</summary>
    public static InputRequestScope Run(string runId) => new($"/runs/{Escape(runId)}/input-requests");

    private static string Escape(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return Uri.EscapeDataString(id);
    }
}
