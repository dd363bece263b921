using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Security;

/// <summary>A token issuer that publishes its keys and is sometimes unavailable.</summary>
public sealed class TokenIssuerTests : IAsyncLifetime
{
    private readonly WebApplication _issuer = Issuer();
    private volatile bool _isUnavailable;
    private int _reads;

    public async Task InitializeAsync()
    {
        _issuer.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref _reads);
            return _isUnavailable ? Results.StatusCode(503) : Results.Text(TestTokens.Jwks, "application/json");
        });
        await _issuer.StartAsync();
    }

    public Task DisposeAsync() => _issuer.DisposeAsync().AsTask();

    [Fact]
    public async Task While_the_issuer_is_unavailable_tokens_are_answered_503_and_keys_are_not_fetched_per_call()
    {
        _isUnavailable = true;
        await using var application = new IssuerApplication(new Uri(new Uri(_issuer.Urls.First()), "/keys"));
        await application.InitializeAsync();
        using var caller = application.CreateClient(TestTokens.Create());

        for (var i = 0; i < 50; i++)
        {
            var unchecked_ = await caller.Get("/runs/any");
            unchecked_.AssertProblemCode(503, "CREDENTIAL_NOT_CHECKED");
            Assert.Equal("1", unchecked_.Headers["Retry-After"]);
        }

        Assert.InRange(_reads, 1, 25);
        _isUnavailable = false;
        await Eventually.Holds(async () => (await caller.Get("/runs/any")).Status == 404, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Unreadable_keys_are_logged_once_a_minute_without_the_query_of_their_address()
    {
        _isUnavailable = true;
        var (log, clock) = (new FakeLogger(), new FakeTimeProvider());
        var options = new AuthOptions { JwksUri = new Uri(new Uri(_issuer.Urls.First()), "/keys?code=secret") };
        var keys = SigningKeyConfiguration.CreateManager(options, clock, log)!;

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => keys.GetConfigurationAsync(default));
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        var record = Assert.Single(log.Collector.GetSnapshot());
        Assert.NotNull(record.Exception);
        Assert.Contains("/keys.", record.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Issuer_keys_are_refreshed_every_ten_minutes_and_removed_keys_are_no_longer_trusted()
    {
        var options = new AuthOptions { JwksUri = new Uri("https://issuer.test/keys") };

        var keys = SigningKeyConfiguration.CreateManager(options, TimeProvider.System, NullLogger.Instance)!;

        Assert.Equal((TimeSpan.FromMinutes(10), false), (keys.AutomaticRefreshInterval, keys.UseLastKnownGoodConfiguration));
    }

    private static WebApplication Issuer()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private sealed class IssuerApplication(Uri keys) : EmbeddedApplication, IAsyncDisposable
    {
        protected override async Task<Dictionary<string, string?>> CreateSettings() =>
            new(await base.CreateSettings()) { ["Auth:PublicKey"] = "", ["Auth:JwksUri"] = keys.ToString() };

        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }
}
