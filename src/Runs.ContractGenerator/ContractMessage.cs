using System.Text.RegularExpressions;

namespace Runs.ContractGenerator;

/// <summary>A message of the contract.</summary>
internal sealed partial record ContractMessage(Type Type, MessageKind Kind)
{
    /// <summary>The name of the message and of its type.</summary>
    public string Name => Type.Name;

    /// <summary>The exchange of a command or event. The service names it the same way.</summary>
    public string Exchange => $"runs.{KebabCaseName}";

    /// <summary>The path of the schema in the project of the contracts, and its name in the resources.</summary>
    public string SchemaFile => $"schemas/{KebabCaseName}.json";

    /// <summary>The name by which MassTransit identifies the message.</summary>
    public string Urn => $"urn:message:{Type.Namespace}:{Name}";

    /// <summary>The message as JSON, with every member that such a message can have at once.</summary>
    public string Example => Resources.ReadText($"Examples/{KebabCaseName}.json");

    private string KebabCaseName => WordStart().Replace(Name, "-").ToLowerInvariant();

    /// <inheritdoc/>
    public override string ToString() => Name;

    [GeneratedRegex("(?<!^)(?=[A-Z])")]
    private static partial Regex WordStart();
}
