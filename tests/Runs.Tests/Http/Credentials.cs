using System.Security.Cryptography;

namespace Runs.Tests.Http;

public sealed class Credentials(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    private const string Named = """ "tenant":"acme","userId":"u" """;

    public static TheoryData<string?> Useless() =>
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
        TestTokens.With(Named, """{"alg":"RS256","typ":"logout+jwt"}"""),
        TestTokens.With(Named, """{"alg":"RS256","typ":"JWT","crit":["x"],"x":1}"""),
        TestTokens.With(Named + ""","tokenUse":["","refresh"]"""),
        TestTokens.With(Named + ""","tokenUse":["access"]"""),
        TestTokens.With(Named + ""","token_use":"id" """),
        TestTokens.With(Named + ""","tenant":"other" """),
        TestTokens.With(Named + ""","scope":{"read":true}"""),
        TestTokens.With(Named + ""","projects":"no-uuid" """),
        TestTokens.With(Named + ""","aud":["runs","environment-gate"]"""),
        TestTokens.With(""" "userId":"u","tenant":["evil","acme"] """),
        TestTokens.With(""" "userId":"u","tenant":{"acme":1} """),
        TestTokens.With(""" "userId":["u"],"tenant":"acme" """),
        TestTokens.With(""" "userId":"","tenant":"acme" """),
        "eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJkZXYiLCJ1c2VySWQiOiJ4In0.",
    ];

    [Theory]
    [MemberData(nameof(Useless))]
    public async Task A_useless_credential_is_unauthorized(string? credential)
    {
        using var caller = stack.Caller(null);
        if (credential is not null)
        {
            caller.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        }

        var answer = await caller.Read("/runs/any");

        answer.IsProblem(401, "Invalid authentication token");
        Assert.StartsWith("Bearer", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    public static TheoryData<string> Good() =>
    [
        TestTokens.With(Named),
        TestTokens.With(Named, """{"alg":"RS256"}"""),
        TestTokens.With(Named, """{"alg":"RS256","typ":"at+jwt"}"""),
        TestTokens.With(Named, """{"alg":"RS256","typ":"application/at+JWT"}"""),
        TestTokens.With(Named + ""","tokenUse":"access","token_use":"access" """),
        TestTokens.With(Named + ""","aud":["other","runs"]"""),
        TestTokens.With(Named + ""","scope":"openid read" """),
        TestTokens.With(Named + ""","scopes":["read"]"""),
    ];

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_token_for_this_service_is_good(string token)
    {
        using var caller = stack.Caller(token);

        (await caller.Read("/runs/any")).IsProblem(404);
    }

    public static TheoryData<string> WithoutTenant() =>
    [
        TestTokens.Create(tenant: null),
        TestTokens.Create(tenant: ""),
        TestTokens.Create(tenant: new string('x', 129)),
        TestTokens.Create(tenant: "a\u0000b"),
        TestTokens.With(""" "Tenant":"acme","userId":"u" """),
    ];

    [Theory]
    [MemberData(nameof(WithoutTenant))]
    public async Task A_token_of_no_tenant_is_forbidden(string token)
    {
        using var caller = stack.Caller(token);

        (await caller.Read("/runs/any")).IsProblem(403);
    }

    [Fact]
    public async Task A_token_acts_for_its_tenant_and_user()
    {
        using var caller = stack.Caller(TestTokens.Create("acme", "0c1d2e3f-1111-4222-8333-444455556666"));

        var run = (await caller.Create(Calls.Task())).GetProperty("run");

        Assert.Equal("0c1d2e3f-1111-4222-8333-444455556666", run.GetProperty("created_by").GetString());
        (await stack.Client.Read($"/runs/{run.GetProperty("run_id").GetString()}")).IsProblem(404);
    }

    [Fact]
    public async Task A_key_may_come_in_its_own_header_and_authorization_wins()
    {
        using var own = stack.Caller(null);
        own.DefaultRequestHeaders.Add("X-API-Key", "vf_dev_secret");
        using var both = stack.Caller("vf_dev_wrong");
        both.DefaultRequestHeaders.Add("X-API-Key", "vf_dev_secret");

        Assert.Equal(404, (await own.Read("/runs/any")).Status);
        Assert.Equal(401, (await both.Read("/runs/any")).Status);
    }

    [Fact]
    public async Task Health_and_the_description_of_the_api_are_open()
    {
        using var nobody = stack.Caller(null);

        Assert.All(
            [await nobody.GetAsync("/health/live"), await nobody.GetAsync("/health/ready"), await nobody.GetAsync("/health/commands"), await nobody.GetAsync("/openapi.json"), await nobody.GetAsync("/docs")],
            response => Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage!.RequestUri} {response.StatusCode}"));
    }
}

public sealed class CredentialsInProduction(ProductionStack stack) : IClassFixture<ProductionStack>
{
    [Fact]
    public async Task The_development_key_opens_nothing_and_a_configured_one_does()
    {
        using var configured = stack.Caller("vf_other_s_e_cret");

        (await stack.Client.Read("/runs/any")).IsProblem(401);
        (await configured.Read("/runs/any")).IsProblem(404);
    }
}
