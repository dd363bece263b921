using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>Starts containers, and reports the end of the log if a container does not start.</summary>
internal static class ContainerExtensions
{
    private const int LinesShown = 20;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Waits until the container is ready, for three minutes at most.</summary>
    /// <exception cref="InvalidOperationException">
    /// The container exited or is not ready in time. The message has the last lines of its log.
    /// </exception>
    public static async Task StartOrThrowWithLog(this IContainer container, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartTimeout);
        try
        {
            await container.StartAsync(deadline.Token);
            deadline.Token.ThrowIfCancellationRequested(); // a cancelled wait for readiness may end without an exception
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"A container of {container.Image.FullName} did not start. {await LastLines(container)}", exception);
        }
    }

    private static async Task<string> LastLines(IContainer container)
    {
        try
        {
            var (output, errors) = await container.GetLogsAsync(timestampsEnabled: false);
            var lines = $"{output}\n{errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return $"Its last lines:\n{string.Join('\n', lines.TakeLast(LinesShown))}";
        }
        catch (Exception exception)
        {
            // Most likely the container was never created. The exception of the start is more helpful than this one.
            return $"It has no log: {exception.Message}";
        }
    }
}
