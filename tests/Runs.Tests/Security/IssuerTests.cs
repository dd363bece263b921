using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Runs.Api;
using Runs.Api.Security;

namespace Runs.Tests.Security;

/// <summary>An issuer that publishes its keys, and is sometimes away.</summary>
public sealed class IssuerTests : IAsyncLifetime
{
    private readonly WebApplication _issuer = Issuer();
    private volatile bool _isAway;
    private int _reads;

    public async Task InitializeAsync()
    {
        _issuer.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref _reads);
            return _isAway ? Results.StatusCode(503) : Results.Text(TestTokens.Jwks, "application/json");
        });
        await _issuer.StartAsync();
    }

    public Task DisposeAsync() => _issuer.DisposeAsync().AsTask();

    [Fact]
    public async Task A_token_is_unchecked_and_not_wrong_while_the_issuer_is_away_and_not_every_call_asks_it()
    {
        _isAway = true;
        await using var stack = new StackOfIssuer(new Uri(new Uri(_issuer.Urls.First()), "/keys"));
        await stack.InitializeAsync();
        using var caller = stack.Caller(TestTokens.Create());

        for (var i = 0; i < 50; i++)
        {
            var unchecked_ = await caller.Read("/runs/any");
            unchecked_.IsProblem(503);
            Assert.Equal(("CREDENTIAL_NOT_CHECKED", "1"), (unchecked_["code"].GetString(), unchecked_.Headers["Retry-After"]));
        }

        Assert.InRange(_reads, 1, 25);
        _isAway = false;
        await Eventually.Holds(async () => (await caller.Read("/runs/any")).Status == 404, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Keys_are_read_again_every_ten_minutes_and_a_withdrawn_one_is_not_trusted_any_longer()
    {
        var keys = SigningKeys.Of(new AuthOptions { JwksUri = new Uri("https://issuer.test/keys") }, TimeProvider.System)!;

        Assert.Equal((TimeSpan.FromMinutes(10), false), (keys.AutomaticRefreshInterval, keys.UseLastKnownGoodConfiguration));
    }

    private static WebApplication Issuer()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private sealed class StackOfIssuer(Uri keys) : EmbeddedStack, IAsyncDisposable
    {
        protected override async Task<Dictionary<string, string?>> Settings() =>
            new(await base.Settings()) { ["Auth:PublicKey"] = "", ["Auth:JwksUri"] = keys.ToString() };

        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }
}
