namespace Runs.Contracts;

/// <summary>How a run gets its conversation: the values of <c>conversation_mode</c>.</summary>
public static class ConversationModes
{
    /// <summary>A new conversation is created for the run.</summary>
    public const string CreateNew = "create_new";

    /// <summary>The run joins the conversation with the id <c>conversation_id</c>.</summary>
    public const string Existing = "existing";

    /// <summary>A headless run: no conversation and no message. The default for project-owned runs.</summary>
    public const string None = "none";

    /// <summary>Every mode.</summary>
    public static IReadOnlyList<string> All { get; } = [CreateNew, Existing, None];
}
