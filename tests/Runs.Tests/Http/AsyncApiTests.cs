using Runs.ContractGenerator;

namespace Runs.Tests.Http;

/// <summary>Who wants to send or hear messages gets their description from the service itself.</summary>
public sealed class AsyncApiTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    public static TheoryData<string> Schemas => [.. ContractMessages.All.Select(message => message.SchemaFile)];

    [Fact]
    public Task The_AsyncAPI_document_is_served_without_a_credential() => IsServed("asyncapi.yaml", "application/yaml");

    [Theory]
    [MemberData(nameof(Schemas))]
    public Task Every_message_schema_is_served_without_a_credential(string file) => IsServed(file, "application/schema+json");

    [Fact]
    public async Task An_unknown_schema_is_not_found()
    {
        using var anyone = application.CreateClient(null);

        (await anyone.Get("/schemas/create-car.json")).AssertProblem(404);
    }

    private async Task IsServed(string file, string type)
    {
        using var anyone = application.CreateClient(null);

        using var answer = await anyone.GetAsync($"/{file}");

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src/Runs.Contracts", file)), await answer.Content.ReadAsStringAsync());
    }
}
