using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Runs.Tests.Stores;

namespace Runs.Tests.Security;

/// <summary>The lifetime, the size and the keys of tokens of event writers.</summary>
public sealed class EventWriterTokensTests
{
    private static readonly EventWriter Parent = new("run_parent", TestRequests.NewUuid(), TestRequests.NewUuid(), 1);

    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);

    [Fact]
    public async Task A_token_is_valid_for_one_hour_and_the_clock_skew()
    {
        var tokens = Create(TestTokens.SigningKey);
        var token = Issue(tokens);

        _clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(29));
        Assert.NotNull(await tokens.Verify(token));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.Verify(token));
    }

    [Fact]
    public async Task The_credential_of_a_token_has_its_run_and_no_scopes()
    {
        var tokens = Create(TestTokens.SigningKey);
        var child = TestRuns.CreateFull();

        var credential = (await tokens.Verify(tokens.IssueForChild(Parent, child)!))!;

        Assert.Equal(child.Tenant, credential.Tenant);
        Assert.Equal(new EventWriter(child.RunId, child.ProjectId!, Parent.WorkerId, child.Attempt), credential.EventWriter);
        Assert.Empty(credential.Scopes);
    }

    [Fact]
    public void The_longest_token_has_at_most_4096_bytes()
    {
        using var largest = RSA.Create(EventWriterKeys.MaxKeyBits);
        var tenant = new string('\u20AC', FieldLimits.MaxIdLength);
        var writer = Parent with { RunId = new string('r', FieldLimits.MaxIdLength), Attempt = int.MaxValue };

        var token = Create(largest.ExportPkcs8PrivateKeyPem()).Issue(tenant, writer)!;

        Assert.InRange(token.Length, 1000, EventWriterTokens.MaxTokenBytes);
        Assert.True(EventWriterTokens.HasTokenType(token));
    }

    [Fact]
    public async Task During_a_rotation_servers_with_either_key_accept_the_tokens_of_both()
    {
        var (oldKey, newKey) = (CreateKey(), CreateKey());
        var (before, after) = (Create(oldKey.Private, newKey.Public), Create(newKey.Private, oldKey.Public));

        Assert.NotNull(await after.Verify(Issue(before)));
        Assert.NotNull(await before.Verify(Issue(after)));
        Assert.Null(await Create(newKey.Private).Verify(Issue(before)));
    }

    [Fact]
    public void Every_key_is_published_once_and_without_its_private_part()
    {
        var (oldKey, newKey) = (CreateKey(), CreateKey());

        var keys = CreateKeys(newKey.Private, newKey.Public, oldKey.Public);

        Assert.Equal(keys.Signing!.Key.KeyId, keys.Verification[0].KeyId);
        Assert.Equal(2, keys.Verification.Select(key => key.KeyId).Distinct().Count());
        Assert.Equal(2, keys.Verification.Count);
        Assert.All(keys.Verification, key => Assert.Null(key.Parameters.D));
    }

    [Fact]
    public async Task Without_a_signing_key_no_token_is_issued_and_those_of_the_published_keys_are_accepted()
    {
        var key = CreateKey();
        var (without, verifying) = (Create(null), Create(null, key.Public));

        Assert.Null(without.IssueForChild(Parent, TestRuns.Create()));
        Assert.Empty(CreateKeys(null).Verification);
        Assert.Null(await without.Verify(Issue(Create(key.Private))));
        Assert.NotNull(await verifying.Verify(Issue(Create(key.Private))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("vf_dev_secret")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30..e30.c2lnbmF0dXJl")]
    [InlineData("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl")]
    public void Other_credentials_do_not_have_the_type_of_these_tokens(string credential) =>
        Assert.False(EventWriterTokens.HasTokenType(credential));

    [Fact]
    public async Task A_token_of_the_signing_key_for_another_purpose_is_rejected()
    {
        var keys = CreateKeys(TestTokens.SigningKey);
        var tokens = new EventWriterTokens(keys, _clock);

        Assert.NotNull(await tokens.Verify(Sign("run_event_writer", "agent-runs:events:append")));
        Assert.Null(await tokens.Verify(Sign("access", "agent-runs:events:append")));
        Assert.Null(await tokens.Verify(Sign("run_event_writer", "runs:write")));
        Assert.Null(await tokens.Verify(Sign("run_event_writer", "agent-runs:events:append", "runs:write")));

        string Sign(string use, params string[] scopes) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            TokenType = EventWriterTokens.TokenType,
            Issuer = "runs",
            Audience = "runs",
            Expires = _clock.GetUtcNow().UtcDateTime.AddHours(1),
            Claims = new Dictionary<string, object>
            {
                ["tokenUse"] = use,
                ["scopes"] = scopes,
                ["tenant"] = "dev",
                ["runId"] = "run_1",
                ["projectId"] = Parent.ProjectId,
                ["userId"] = Parent.WorkerId,
            },
            SigningCredentials = keys.Signing,
        });
    }

    private static (string Private, string Public) CreateKey()
    {
        using var rsa = RSA.Create(2048);
        return (rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem());
    }

    private static string Issue(EventWriterTokens tokens) => tokens.IssueForChild(Parent, TestRuns.Create())!;

    private static EventWriterKeys CreateKeys(string? signingKey, params string[] verificationKeys) =>
        new(
            Options.Create(new AuthOptions { SigningKey = signingKey, VerificationKeys = [.. verificationKeys] }),
            NullLogger<EventWriterKeys>.Instance);

    private EventWriterTokens Create(string? signingKey, params string[] verificationKeys) =>
        new(CreateKeys(signingKey, verificationKeys), _clock);
}
