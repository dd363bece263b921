using Runs.ContractGenerator;

namespace Runs.Tests.Http;

/// <summary>The service serves the descriptions of its messages.</summary>
public sealed class AsyncApiTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    public static TheoryData<string> Schemas => [.. ContractMessages.All.Select(message => message.SchemaFile)];

    [Fact]
    public Task The_AsyncAPI_document_is_served_without_a_credential() => AssertServed("asyncapi.yaml", "application/yaml");

    [Theory]
    [MemberData(nameof(Schemas))]
    public Task Every_message_schema_is_served_without_a_credential(string file) => AssertServed(file, "application/schema+json");

    [Fact]
    public async Task An_unknown_schema_is_not_found()
    {
        using var anonymous = application.CreateClient(null);

        (await anonymous.Get("/schemas/create-car.json")).AssertProblem(404);
    }

    private async Task AssertServed(string file, string type)
    {
        using var anonymous = application.CreateClient(null);

        using var response = await anonymous.GetAsync($"/{file}");

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
        var expected = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src/Runs.Contracts", file));
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }
}
