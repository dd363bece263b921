using System.Security.Cryptography;

namespace Runs.Tests.Http;

public sealed class AuthenticationTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private const string TenantAndUserClaims = """ "tenant":"acme","userId":"u" """;

    public static TheoryData<string?> InvalidCredentials() =>
    [
        null,
        "",
        "vf_dev_wrong",
        "vf_dev_",
        "vf__secret",
        "vf_dev",
        "vf_unknown_secret",
        "not.a.token",
        TestTokens.Create(lifetime: TimeSpan.FromHours(-1)),
        TestTokens.Create(signedBy: RSA.Create(2048)),
        TestTokens.Create(user: null),
        TestTokens.Create(audience: "environment-gate"),
        TestTokens.Create(use: "run_event_writer"),
        TestTokens.Create()[..^4],
        TestTokens.Create(audience: "some-other-service"),
        TestTokens.Create(audience: null),
        TestTokens.Create(issuer: "https://other.test"),
        TestTokens.Create(issuer: null),
        TestTokens.Create(use: "refresh"),
        TestTokens.Create(use: ""),
        TestTokens.CreateWithClaims(TenantAndUserClaims, """{"alg":"RS256","typ":"logout+jwt"}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims, """{"alg":"RS256","typ":"JWT","crit":["x"],"x":1}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","tokenUse":["","refresh"]"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","tokenUse":["access"]"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","token_use":"id" """),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","tenant":"other" """),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","scope":{"read":true}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","projects":"no-uuid" """),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","aud":["runs","environment-gate"]"""),
        TestTokens.CreateWithClaims(""" "userId":"u","tenant":["evil","acme"] """),
        TestTokens.CreateWithClaims(""" "userId":"u","tenant":{"acme":1} """),
        TestTokens.CreateWithClaims(""" "userId":["u"],"tenant":"acme" """),
        TestTokens.CreateWithClaims(""" "userId":"","tenant":"acme" """),
        "eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJkZXYiLCJ1c2VySWQiOiJ4In0.",
        "....",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30..e30.c2lnbmF0dXJl", // five parts, as of an encrypted token
        TestTokens.Create().Insert(TestTokens.Create().IndexOf('.', StringComparison.Ordinal) + 40, ".."),
    ];

    [Theory]
    [MemberData(nameof(InvalidCredentials))]
    public async Task An_invalid_credential_is_unauthorized(string? credential)
    {
        using var caller = application.CreateClient(null);
        if (credential is not null)
        {
            caller.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        }

        var response = await caller.Get("/runs/any");

        response.AssertProblem(401, "Invalid authentication token");
        Assert.StartsWith("Bearer", response.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    public static TheoryData<string> ValidTokens() =>
    [
        TestTokens.CreateWithClaims(TenantAndUserClaims),
        TestTokens.CreateWithClaims(TenantAndUserClaims, """{"alg":"RS256"}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims, """{"alg":"RS256","typ":"at+jwt"}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims, """{"alg":"RS256","typ":"application/at+JWT"}"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","tokenUse":"access","token_use":"access" """),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","aud":["other","runs"]"""),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","scope":"openid read" """),
        TestTokens.CreateWithClaims(TenantAndUserClaims + ""","scopes":["read"]"""),
    ];

    [Theory]
    [MemberData(nameof(ValidTokens))]
    public async Task A_token_for_this_audience_is_accepted(string token)
    {
        using var caller = application.CreateClient(token);

        (await caller.Get("/runs/any")).AssertProblem(404);
    }

    public static TheoryData<string> TokensWithoutTenant() =>
    [
        TestTokens.Create(tenant: null),
        TestTokens.Create(tenant: ""),
        TestTokens.Create(tenant: new string('x', 129)),
        TestTokens.Create(tenant: "a\u0000b"),
        TestTokens.CreateWithClaims(""" "Tenant":"acme","userId":"u" """),
    ];

    [Theory]
    [MemberData(nameof(TokensWithoutTenant))]
    public async Task A_token_without_a_tenant_is_forbidden(string token)
    {
        using var caller = application.CreateClient(token);

        (await caller.Get("/runs/any")).AssertProblem(403);
    }

    [Fact]
    public async Task A_token_acts_for_its_tenant_and_user()
    {
        using var caller = application.CreateClient(TestTokens.Create("acme", "0c1d2e3f-1111-4222-8333-444455556666"));

        var run = (await caller.Create(TestRequests.TaskBody())).Run;

        Assert.Equal("0c1d2e3f-1111-4222-8333-444455556666", run.CreatedBy);
        (await application.Client.Get($"/runs/{run.RunId}")).AssertProblem(404);
    }

    [Fact]
    public async Task An_API_key_is_read_from_its_own_header_and_Authorization_takes_precedence()
    {
        using var own = application.CreateClient(null);
        own.DefaultRequestHeaders.Add("X-API-Key", DevelopmentApiKey.Key);
        using var both = application.CreateClient("vf_dev_wrong");
        both.DefaultRequestHeaders.Add("X-API-Key", DevelopmentApiKey.Key);

        Assert.Equal(404, (await own.Get("/runs/any")).Status);
        Assert.Equal(401, (await both.Get("/runs/any")).Status);
    }

    [Fact]
    public async Task Health_and_API_descriptions_need_no_credential()
    {
        using var anonymous = application.CreateClient(null);

        foreach (var path in new[] { "/health/live", "/health/ready", "/health/commands", "/openapi.json", "/docs" })
        {
            using var response = await anonymous.GetAsync(path);
            Assert.True(response.IsSuccessStatusCode, $"{path} {response.StatusCode}");
        }
    }
}
