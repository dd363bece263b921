using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Runs.Tests;

/// <summary>Keeps the entries of the log category <c>Runs.Audit</c>.</summary>
public sealed class AuditLogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<AuditEntry> _entries = new();

    /// <summary>The entries so far, oldest first.</summary>
    public IReadOnlyList<AuditEntry> Entries => [.. _entries];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName == "Runs.Audit" ? _entries : null);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<AuditEntry>? entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // If all loggers were disabled, requests would have no trace.
        public bool IsEnabled(LogLevel logLevel) => entries is not null || logLevel == LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var members = ((IEnumerable<KeyValuePair<string, object?>>)state!)
                .ToDictionary(member => member.Key, member => $"{member.Value}");
            entries?.Enqueue(new AuditEntry(logLevel, formatter(state, exception), members));
        }
    }
}
