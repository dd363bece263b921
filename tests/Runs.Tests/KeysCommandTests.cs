using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests;

public sealed class KeysCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-keys-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private SqliteDatabase _database = null!;
    private IApiKeyStore _keys = null!;

    public Task InitializeAsync()
    {
        var file = Path.Combine(_directory.FullName, "runs.db");
        _database = new SqliteDatabase(file);
        _keys = new SqliteApiKeyStore(_database);
        return new SqliteRunStore(_database).Initialize(default);
    }

    public Task DisposeAsync()
    {
        _database.Dispose();
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public void A_created_key_matches_only_its_own_record()
    {
        var key = ApiKey.Create();

        Assert.True(ApiKey.TryParse(key, out var prefix, out var secret));
        Assert.DoesNotContain('_', prefix);
        Assert.True(ApiKey.VerifySecret(secret, ApiKey.ComputeHash(secret)));
        Assert.False(ApiKey.VerifySecret(secret + "x", ApiKey.ComputeHash(secret)));
        Assert.NotEqual(key, ApiKey.Create());
    }

    [Fact]
    public async Task A_created_key_is_stored_as_hash_with_its_permissions()
    {
        var created = await CreateKey(
            [
                "create", "--tenant", "acme", "--user", "0c1d2e3f-1111-4222-8333-444455556666", "--scopes", "read answer",
                "--projects", RunsApplication.Project.ToUpperInvariant(), "--actor-type", "human",
                "--not-before", "2026-09-01T00:00:00Z", "--not-after", "2026-10-01", "--json",
            ]);

        var stored = Assert.Single(await _keys.List("acme", default));
        Assert.True(ApiKey.TryParse(created, out var prefix, out var secret));
        Assert.Equivalent(
            new ApiKeyRecord
            {
                Prefix = prefix,
                SecretSha256 = ApiKey.ComputeHash(secret),
                Tenant = "acme",
                UserId = "0c1d2e3f-1111-4222-8333-444455556666",
                Scopes = ["read", "answer"],
                Projects = [RunsApplication.Project],
                ActorType = "human",
                CreatedAt = _clock.GetUtcNow(),
                NotBefore = new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero),
                NotAfter = new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero),
            },
            stored, strict: true);
    }

    [Fact]
    public async Task A_key_without_options_has_the_default_scopes()
    {
        await CreateKey("create", "--tenant", "acme", "--json");

        Assert.Equal(["read", "write", "execute", "answer"], Assert.Single(await _keys.List("acme", default)).Scopes);
    }

    [Fact]
    public async Task A_revoked_key_is_invalid_and_listed_as_revoked()
    {
        await CreateKey("create", "--tenant", "acme", "--json");
        await CreateKey("create", "--tenant", "other", "--json");
        var prefix = Assert.Single(await _keys.List("acme", default)).Prefix;

        Assert.Equal((0, ""), await Run("revoke", prefix));
        Assert.Equal(1, (await Run("revoke", "unknown")).Code);

        var listed = JsonElement.Parse((await Run("list", "--tenant", "acme", "--json")).Output);
        Assert.False(Assert.Single(listed.EnumerateArray()).GetProperty("valid").GetBoolean());
        Assert.Equal(2, (await Run("list")).Output.Split('\n').Length);
        Assert.DoesNotContain("secret", listed.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_rotated_key_overlaps_with_its_successor_of_the_same_permissions()
    {
        await CreateKey("create", "--tenant", "acme", "--scopes", "read", "--projects", RunsApplication.Project, "--json");
        var old = Assert.Single(await _keys.List("acme", default));

        var created = await CreateKey("rotate", old.Prefix, "--overlap", "00:10:00", "--json");

        Assert.True(ApiKey.TryParse(created, out var prefix, out var secret));
        var renewed = await _keys.Find(prefix, default);
        Assert.Equivalent(old with { Prefix = prefix, SecretSha256 = ApiKey.ComputeHash(secret) }, renewed, strict: true);
        var ending = (await _keys.Find(old.Prefix, default))!;
        Assert.True(ending.IsValidAt(_clock.GetUtcNow().AddMinutes(9)));
        Assert.False(ending.IsValidAt(_clock.GetUtcNow().AddMinutes(10)));

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, (await Run("rotate", old.Prefix)).Code);
    }

    public static TheoryData<string[]> InvalidArguments =>
    [
        [],
        ["make"],
        ["create"],
        ["create", "--tenant", ""],
        ["create", "--tenant", "acme", "--user", "no-uuid"],
        ["create", "--tenant", "acme", "--scopes", "everything"],
        ["create", "--tenant", "acme", "--projects", "p"],
        ["create", "--tenant", "acme", "--not-after", "someday"],
        ["create", "--tenant", "acme", "--not-before", "2027-01-01", "--not-after", "2026-01-01"],
        ["create", "--tenant", "acme", "--unknown", "x"],
        ["create", "--tenant"],
        ["revoke"],
        ["revoke", "a_b"],
        ["rotate", "abc", "--overlap", "-1"],
        ["list", "--scopes", "read"],
    ];

    [Theory]
    [MemberData(nameof(InvalidArguments))]
    public async Task Invalid_arguments_print_the_usage(string[] args) =>
        Assert.Equal(CommandLine.UsageExitCode, await KeysCommand.Execute(args, TextWriter.Null));

    [Fact]
    public async Task The_printed_settings_of_a_key_are_accepted_by_a_server()
    {
        using var output = new StringWriter();

        Assert.Equal(0, await KeysCommand.Execute(["create", "--tenant", "acme", "--scopes", "read", "--print-only"], output));

        Assert.Contains("Auth__ApiKeys__0__Scopes=read", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Auth__ApiKeys__0__Tenant=acme", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Auth__ApiKeys__0__SecretSha256=", output.ToString(), StringComparison.Ordinal);
    }

    private async Task<string> CreateKey(params string[] args)
    {
        var (code, output) = await Run(args);
        Assert.Equal(0, code);
        return JsonElement.Parse(output).GetProperty("key").GetString()!;
    }

    private async Task<(int Code, string Output)> Run(params string[] args)
    {
        using var output = new StringWriter();
        var code = await KeysCommand.Execute(KeysOptions.TryParse(args)!, _keys, _clock, output);
        return (code, output.ToString().Trim());
    }
}
