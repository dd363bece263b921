namespace Runs.Tests.Http;

public sealed class DisabledDescriptionsTests(DisabledDescriptionsApplication application) : IClassFixture<DisabledDescriptionsApplication>
{
    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/openapi.json")]
    [InlineData("/asyncapi.yaml")]
    [InlineData("/schemas/create-run.json")]
    public async Task Disabled_API_descriptions_are_not_found(string path) => (await application.Client.Get(path)).AssertProblem(404);

    [Fact]
    public async Task The_API_works_without_descriptions() => await application.Client.Create(TestRequests.TaskBody());
}
