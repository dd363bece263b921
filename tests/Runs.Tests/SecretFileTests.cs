using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Runs.Server;

namespace Runs.Tests;

public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo _secrets = Directory.CreateTempSubdirectory("runs-secrets-");

    public void Dispose() => _secrets.Delete(recursive: true);

    [Fact]
    public async Task A_secret_file_sets_the_setting_of_its_name()
    {
        Write("ConnectionStrings__MongoDb", "mongodb://user:secret@db.invalid/runs\n");
        Write("Auth__ApiKeys__0__Prefix", "p1");
        Write("Auth__ApiKeys__0__SecretSha256", ApiKey.ComputeHash("secret"));
        Write("Auth__ApiKeys__0__Tenant", "acme");

        await using var server = Build("--Secrets:Directory", _secrets.FullName);

        Assert.Equal("mongodb://user:secret@db.invalid/runs", server.Configuration.GetConnectionString("MongoDb"));
        Assert.Equal("p1", server.Configuration["Auth:ApiKeys:0:Prefix"]);
    }

    [Fact]
    public async Task Arguments_override_secret_files_and_secret_files_override_appsettings()
    {
        Write("Role", "lifecycle");
        Write("AllowedHosts", "runs.example.com");

        await using var server = Build("--Secrets:Directory", _secrets.FullName, "--Role", "all");

        Assert.Equal("all", server.Configuration["Role"]);
        Assert.Equal("runs.example.com", server.Configuration["AllowedHosts"]);
    }

    [Fact]
    public async Task A_missing_secrets_directory_is_ignored()
    {
        await using var server = Build("--Secrets:Directory", Path.Combine(_secrets.FullName, "none"));

        Assert.Null(server.Configuration.GetConnectionString("MongoDb"));
    }

    [Theory]
    [InlineData("Production", "runs-json")]
    [InlineData("Development", "simple")]
    public async Task Logs_are_JSON_outside_Development(string environment, string formatter)
    {
        await using var server = ServerBuilder.Build(["--environment", environment]);

        Assert.Equal(formatter, server.Configuration["Logging:Console:FormatterName"]);
    }

    private static WebApplication Build(params string[] arguments) =>
        ServerBuilder.Build(["--environment", "Development", .. arguments]);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_secrets.FullName, name), content);
}
