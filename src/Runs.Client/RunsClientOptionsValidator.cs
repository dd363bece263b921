using Microsoft.Extensions.Options;

namespace Runs.Client;

/// <summary>Validates the options when the host starts, and at the first use of the client without a host.</summary>
internal sealed class RunsClientOptionsValidator : IValidateOptions<RunsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, RunsClientOptions options)
    {
        var errors = new List<string>();
        if (options.Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            errors.Add("The address of the server must be an absolute http or https URL: set RUNS_URL or RunsClientOptions.Address.");
        }

        if (options.Token is null && !IsHeaderText(options.ApiKey))
        {
            errors.Add("A credential is required: set RUNS_API_KEY, RunsClientOptions.ApiKey or RunsClientOptions.Token.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }

    // The text of an invalid key must not be part of the message.
    private static bool IsHeaderText(string? key) => key is { Length: > 0 } && key.All(character => character is > ' ' and <= '~');
}
