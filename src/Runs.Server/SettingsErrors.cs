using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Runs.Server;

/// <summary>Turns what a wrong setting throws into sentences that name the setting, for the person who starts the server.</summary>
internal static partial class SettingsErrors
{
    /// <summary>What the process ends with: the settings are wrong (EX_CONFIG of sysexits.h).</summary>
    public const int ExitCode = 78;

    /// <summary>The sentences; none when <paramref name="exception"/> is not about settings.</summary>
    public static IReadOnlyList<string> Of(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: { Count: > 0 } all } when all.All(one => Of(one).Count > 0) => [.. all.SelectMany(Of)],
        OptionsValidationException invalid => [.. invalid.Failures.Select(failure => Name(failure, invalid.OptionsType))],
        WrongSettingException wrong => [wrong.Message],
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } unbound => Unbound(unbound),
        _ => [],
    };

    // "Failed to convert configuration value … at 'Api:MaxConcurrentCommands' to type 'System.Int32'.", and the same inside another for an item of a list.
    // "'ErrorOnUnknownConfiguration' was set …, but the following properties were not found on the instance of Runs.Api.ApiOptions: 'MaxConcurentCommands'"
    private static IReadOnlyList<string> Unbound(Exception exception) =>
        At().Match(exception.Message) is { Success: true } at ? [$"{at.Groups["path"].Value} cannot be read as {at.Groups["type"].Value.Split('.')[^1]}."]
        : Unknown().Match(exception.Message) is { Success: true } unknown ? [$"There is no setting {unknown.Groups["names"].Value.Replace("'", "", StringComparison.Ordinal)} in {SectionOf(unknown.Groups["type"].Value)}."]
        : exception.InnerException is { } inner ? Of(inner)
        : [exception.Message];

    private static string SectionOf(string type) => AppDomain.CurrentDomain.GetAssemblies()
        .Select(assembly => assembly.GetType(type)?.GetField("Section")?.GetRawConstantValue() as string).FirstOrDefault(section => section is not null) ?? type.Split('.')[^1];

    // "DataAnnotation validation failed for 'ApiOptions' members: 'MaxConcurrentCommands' with the error: 'The field MaxConcurrentCommands must be between 1 and 100000.'."
    private static string Name(string failure, Type options)
    {
        if (Annotation().Match(failure) is not { Success: true } annotation)
        {
            return failure;
        }

        var section = options.GetField("Section")?.GetRawConstantValue() as string ?? options.Name;
        var error = annotation.Groups["error"].Value;
        return error.StartsWith($"{section}:", StringComparison.Ordinal) ? error : $"{section}:{annotation.Groups["member"].Value}: {error}";
    }

    [GeneratedRegex(@"at '(?<path>[^']+)' to type '(?<type>[^']+)'")]
    private static partial Regex At();

    [GeneratedRegex("not found on the instance of (?<type>[^:]+): (?<names>.+)$")]
    private static partial Regex Unknown();

    [GeneratedRegex("members: '(?<member>[^']*)' with the error: '(?<error>.+)'\\.$", RegexOptions.Singleline)]
    private static partial Regex Annotation();
}

/// <summary>A setting that no server can be started with. The message names it.</summary>
internal sealed class WrongSettingException(string message) : Exception(message);
