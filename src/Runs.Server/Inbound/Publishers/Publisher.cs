namespace Runs.Server.Inbound;

/// <summary>The permissions of one publisher.</summary>
internal sealed class Publisher
{
    /// <summary>The tenants whose runs it may create and change; <c>*</c> means all.</summary>
    public string[] Tenants { get; init; } = [];
}
