using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Fuzz;

/// <summary>A server that keeps what it logs as an error, and whose runs can be counted.</summary>
public sealed class FuzzStack : EmbeddedStack
{
    private readonly ConcurrentQueue<string> _errors = new();
    private string _data = "";

    /// <summary>Fails when anything was logged as an error, or worse.</summary>
    public void HasLoggedNoError() => Assert.False(_errors.TryDequeue(out var error), error);

    /// <summary>How many runs are stored, in all tenants.</summary>
    public async Task<long> CountRuns()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "runs.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM runs";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    protected override async Task<Dictionary<string, string?>> Settings()
    {
        var settings = await base.Settings();
        _data = settings["Embedded:DataDirectory"]!;
        return settings;
    }

    protected override void Adjust(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(new ErrorLog(_errors));
    }

    private sealed class ErrorLog(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            if (IsEnabled(logLevel))
            {
                errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
