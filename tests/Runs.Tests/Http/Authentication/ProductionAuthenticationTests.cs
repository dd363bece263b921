namespace Runs.Tests.Http;

public sealed class ProductionAuthenticationTests(ProductionApplication application) : IClassFixture<ProductionApplication>
{
    [Fact]
    public async Task The_development_key_is_rejected_and_a_configured_key_is_accepted()
    {
        using var configured = application.CreateClient(RunsApplication.OtherKey);

        (await application.Client.Get("/runs/any")).AssertProblem(401);
        (await configured.Get("/runs/any")).AssertProblem(404);
    }
}
