using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Runs.Client.Tests;

/// <summary>Where the options come from, and what is invalid.</summary>
public sealed class RunsClientOptionsTests
{
    [Fact]
    public void The_environment_takes_precedence_over_the_section_and_code_over_both()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RunsClient:Address"] = "https://section.example",
            ["RunsClient:Project"] = "section",
            ["RUNS_URL"] = "https://environment.example",
            ["RUNS_API_KEY"] = "vf_environment_key",
        }).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        services.AddRunsClient(options => options.ApiKey = "vf_code_key");
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<RunsClientOptions>>().Value;

        Assert.Equal(
            (new Uri("https://environment.example"), "vf_code_key", "section"), (options.Address, options.ApiKey, options.Project));
    }

    [Theory]
    [InlineData(null, "vf_a_b", "RUNS_URL")]
    [InlineData("relative", "vf_a_b", "RUNS_URL")]
    [InlineData("ftp://host", "vf_a_b", "RUNS_URL")]
    [InlineData("https://host", null, "RUNS_API_KEY")]
    [InlineData("https://host", "secret\nkey", "RUNS_API_KEY")]
    public void Invalid_options_name_the_setting_and_never_the_key(string? address, string? key, string setting)
    {
        var services = new ServiceCollection();
        services.AddRunsClient(options =>
        {
            options.Address = address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute);
            options.ApiKey = key;
        });
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<RunsClientOptions>>().Value);

        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_needs_a_project_says_so()
    {
        var services = new ServiceCollection();
        services.AddRunsClient(options => (options.Address, options.ApiKey) = (new Uri("http://127.0.0.1:1"), "vf_a_b"));
        await using var provider = services.BuildServiceProvider();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => provider.GetRequiredService<RunsClient>().Create(NewRun.Task("x")));

        Assert.Contains("RUNS_PROJECT", exception.Message, StringComparison.Ordinal);
    }
}
