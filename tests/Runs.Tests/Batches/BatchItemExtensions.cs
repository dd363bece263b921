namespace Runs.Tests.Batches;

internal static class BatchItemExtensions
{
    /// <summary>The command or reply of an item that can be read.</summary>
    public static object GetMessage(this BatchItem item) => ((BatchedMessage)item).Message;
}
