using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Fuzz;

/// <summary>A server that keeps what it logs as an error, and whose runs can be counted.</summary>
public sealed class FuzzApplication : EmbeddedApplication
{
    private string _dataDirectory = "";

    private ErrorLogCapture Errors { get; } = new();

    /// <summary>Fails when anything was logged as an error, or worse.</summary>
    public void AssertNoErrorLogged() => Assert.False(Errors.TryTake(out var error), error);

    /// <summary>How many runs are stored, in all tenants.</summary>
    public async Task<long> CountRuns()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_dataDirectory, "runs.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM runs";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    protected override async Task<Dictionary<string, string?>> CreateSettings()
    {
        var settings = await base.CreateSettings();
        _dataDirectory = settings["Sqlite:DataDirectory"]!;
        return settings;
    }

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(Errors);
    }
}
