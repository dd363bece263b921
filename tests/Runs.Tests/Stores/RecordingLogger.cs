using Microsoft.Extensions.Logging;

namespace Runs.Tests.Stores;

/// <summary>Records log entries.</summary>
internal class RecordingLogger : ILogger
{
    private readonly List<(LogLevel Level, string Text, Exception? Cause)> _entries = [];

    public IReadOnlyList<(LogLevel Level, string Text, Exception? Cause)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public int CriticalCount => Entries.Count(entry => entry.Level == LogLevel.Critical);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, formatter(state, exception), exception));
        }
    }
}

/// <summary>Records log entries of a category.</summary>
internal sealed class RecordingLogger<T> : RecordingLogger, ILogger<T>;
