namespace Runs.Worker;

/// <summary>The target whose runs a handler executes.</summary>
/// <param name="target">
/// The target, such as <c>task:report</c>; or <c>task:*</c> for all that have no own handler.
/// </param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class HandlesAttribute(string target) : Attribute
{
    /// <summary>The target.</summary>
    public string Target { get; } = target;
}
