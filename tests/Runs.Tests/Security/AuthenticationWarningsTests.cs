using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Security;

/// <summary>A server without credentials warns at startup; keys can be created while it runs.</summary>
public sealed class AuthenticationWarningsTests
{
    private static readonly ApiKeyRecord Key =
        new() { Prefix = "p", SecretSha256 = ApiKey.ComputeHash("s"), Tenant = "t", ActorType = "system" };

    [Fact]
    public async Task An_empty_key_store_without_other_credentials_is_logged_as_a_warning()
    {
        var entries = await Start([], new AuthOptions());

        var (level, text, _) = Assert.Single(entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("keys create", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_logged_if_a_key_is_stored_or_tokens_are_accepted()
    {
        Assert.Empty(await Start([Key], new AuthOptions()));
        Assert.Empty(await Start([], new AuthOptions { PublicKey = "a key" }));
    }

    private static async Task<IReadOnlyList<(LogLevel Level, string Text, Exception? Cause)>> Start(
        ApiKeyRecord[] stored, AuthOptions options)
    {
        var logger = new RecordingLogger<AuthenticationWarnings>();
        using var warnings = new AuthenticationWarnings(new StoredKeys(stored), Options.Create(options), logger);
        await warnings.StartAsync(default);
        await warnings.ExecuteTask!;
        return logger.Entries;
    }

    private sealed class StoredKeys(IReadOnlyList<ApiKeyRecord> keys) : IApiKeyStore
    {
        public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => Task.FromResult(keys);

        public Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
