namespace Runs.Api.InputRequests;

/// <summary>The kinds of input requests: the values of <c>kind</c>.</summary>
internal static class InputRequestKinds
{
    public const string Form = "form";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Form];
}
