using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Runs.Server.Configuration;

/// <summary>
/// Converts exceptions of invalid settings into sentences that name the setting, for the operator who starts the
/// server.
/// </summary>
internal static partial class SettingsErrors
{
    /// <summary>The exit code of the process if the settings are invalid (EX_CONFIG of sysexits.h).</summary>
    public const int ExitCode = 78;

    private const string BinderSource = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>The sentences; empty if <paramref name="exception"/> is not about settings.</summary>
    public static IReadOnlyList<string> FromException(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: { Count: > 0 } inner } when inner.All(error => FromException(error).Count > 0) =>
            [.. inner.SelectMany(FromException)],
        OptionsValidationException validation => [.. validation.Failures],
        InvalidSettingException setting => [setting.Message],
        ListenAddressException address => [address.Message],
        IOException { InnerException: { } inner and (AddressInUseException or AggregateException) } => FromException(inner),
        AddressInUseException { InnerException: ListenAddressException address } => [address.Message],
        InvalidOperationException { Source: BinderSource } binding => FromBindingFailure(binding),
        _ => [],
    };

    // The binder has no typed errors. When a release changes its texts, the operator reads them unchanged,
    // and OptionsValidationTests fails.
    private static IReadOnlyList<string> FromBindingFailure(Exception exception)
    {
        // "Failed to convert configuration value … at 'Api:MaxConcurrentCommands' to type 'System.Int32'.", nested in
        // another exception for an item of a list.
        if (ConversionFailurePattern().Match(exception.Message) is { Success: true } conversion)
        {
            var (path, type) = (conversion.Groups["path"].Value, GetSimpleName(conversion.Groups["type"].Value));
            return
            [
                type.EndsWith("Options", StringComparison.Ordinal)
                    ? $"{path} is a section of settings and has no value: is there an environment variable {path.ToUpperInvariant()}?"
                    : $"{path} cannot be read as {type}.",
            ];
        }

        // "'ErrorOnUnknownConfiguration' was set …, but the following properties were not found on the instance of
        // Runs.Api.ApiOptions: 'MaxConcurentCommands'"
        if (UnknownSettingPattern().Match(exception.Message) is { Success: true } unknown)
        {
            var names = unknown.Groups["names"].Value.Replace("'", "", StringComparison.Ordinal);
            return [$"There is no setting {names} in {GetSection(unknown.Groups["type"].Value)}."];
        }

        return exception.InnerException is { } inner ? FromException(inner) : [exception.Message];
    }

    private static string GetSection(string type) =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Select(assembly => assembly.GetType(type)?.GetField("Section")?.GetRawConstantValue() as string)
            .FirstOrDefault(section => section is not null)
        ?? GetSimpleName(type);

    private static string GetSimpleName(string type) => type.Split('.')[^1];

    [GeneratedRegex(@"at '(?<path>[^']+)' to type '(?<type>[^']+)'")]
    private static partial Regex ConversionFailurePattern();

    [GeneratedRegex("not found on the instance of (?<type>[^:]+): (?<names>.+)$")]
    private static partial Regex UnknownSettingPattern();
}
