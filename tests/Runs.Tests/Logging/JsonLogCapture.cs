using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Runs.Server.Logging;

namespace Runs.Tests.Logging;

/// <summary>Keeps the log entries of a server as its console has them outside Development.</summary>
public sealed class JsonLogCapture : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly JsonLogFormatter _formatter = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>The lines so far, oldest first.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>The entries of a category, oldest first.</summary>
    public IEnumerable<JsonElement> GetEntries(string category) =>
        Lines.Select(line => JsonElement.Parse(line)).Where(entry => entry.GetProperty("category").GetString() == category);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(JsonLogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => capture._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var text = new StringWriter();
            capture._formatter.Write(
                new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), capture._scopes, text);
            capture._lines.Enqueue(text.ToString());
        }
    }
}
