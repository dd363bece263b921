namespace Runs.Contracts;

/// <summary>The kind of owner that a run belongs to: the values of <c>owner.kind</c>.</summary>
public static class OwnerKinds
{
    /// <summary>A conversation; agent runs only.</summary>
    public const string Conversation = "conversation";

    /// <summary>A project.</summary>
    public const string Project = "project";

    /// <summary>Every owner kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Conversation, Project];
}
