using Runs.Tests.Contracts.Messages;

namespace Runs.Tests.Http;

/// <summary>Who wants to send or hear messages gets their description from the service itself.</summary>
public sealed class AsyncApiTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    public static TheoryData<string> Schemas => [.. ContractMessages.All.Select(message => message.SchemaFile)];

    [Fact]
    public Task The_description_of_the_messages_is_served_to_anybody() => IsServed("asyncapi.yaml", "application/yaml");

    [Theory]
    [MemberData(nameof(Schemas))]
    public Task Each_schema_is_served_to_anybody(string file) => IsServed(file, "application/schema+json");

    [Fact]
    public async Task A_schema_of_no_message_is_not_found()
    {
        using var anyone = stack.Caller(null);

        (await anyone.Read("/schemas/create-car.json")).IsProblem(404);
    }

    private async Task IsServed(string file, string type)
    {
        using var anyone = stack.Caller(null);

        using var answer = await anyone.GetAsync($"/{file}");

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src/Runs.Contracts", file)), await answer.Content.ReadAsStringAsync());
    }
}
