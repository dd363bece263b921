namespace Runs.Contracts;

/// <summary>The kind of sender of a command: the values of an actor's <c>type</c>.</summary>
public static class ActorTypes
{
    /// <summary>A person, with a token or an API key that belongs to them.</summary>
    public const string User = "user";

    /// <summary>An API key that belongs to no user.</summary>
    public const string ApiKey = "key";

    /// <summary>An executor.</summary>
    public const string Worker = "worker";

    /// <summary>Another service.</summary>
    public const string Service = "service";

    /// <summary>This service itself: a timer, or the cancellation of a tree.</summary>
    public const string System = "system";

    /// <summary>Every type.</summary>
    public static IReadOnlyList<string> All { get; } = [User, ApiKey, Worker, Service, System];
}
