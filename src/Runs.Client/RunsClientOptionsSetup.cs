using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Runs.Client;

/// <summary>Reads the options from the configuration, or from the environment where there is none.</summary>
internal sealed class RunsClientOptionsSetup(IConfiguration? configuration) : IConfigureOptions<RunsClientOptions>
{
    public void Configure(RunsClientOptions options)
    {
        configuration?.GetSection(RunsClientOptions.Section).Bind(options);
        options.ApiKey = Read("RUNS_API_KEY") ?? options.ApiKey;
        options.Project = Read("RUNS_PROJECT") ?? options.Project;
        if (Read("RUNS_URL") is { } address)
        {
            // An address that is not absolute fails in the validation, which names the setting.
            options.Address = new Uri(address, UriKind.RelativeOrAbsolute);
        }
    }

    private string? Read(string name) =>
        (configuration is null ? Environment.GetEnvironmentVariable(name) : configuration[name]) is { Length: > 0 } value ? value : null;
}
