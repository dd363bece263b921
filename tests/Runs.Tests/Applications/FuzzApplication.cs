using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Applications;

/// <summary>A server whose logged errors are kept, and whose runs can be counted.</summary>
public sealed class FuzzApplication : EmbeddedApplication
{
    private ErrorLogCapture Errors { get; } = new();

    /// <summary>Fails if the server logged an error.</summary>
    public void AssertNoErrorLogged() => Assert.False(Errors.TryTake(out var error), error);

    /// <summary>Counts the stored runs of all tenants.</summary>
    public async Task<long> CountRuns()
    {
        var file = Path.Combine(DataDirectory, "runs.db");
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM runs";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(Errors);
    }
}
