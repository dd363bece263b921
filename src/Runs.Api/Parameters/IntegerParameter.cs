using System.Globalization;
using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>A query parameter that is a whole number.</summary>
internal sealed class IntegerParameter(string name, string description, long min, long max = long.MaxValue)
    : RequestParameter(name, description)
{
    /// <summary>The value that applies when the parameter is absent, if it has one.</summary>
    public int? Default { get; init; }

    /// <summary>
    /// Reads the parameter, or null when it is absent. An invalid value is added to <paramref name="errors"/>.
    /// </summary>
    public long? Read(HttpRequest request, List<ValidationError> errors)
    {
        if (GetQueryText(request) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(new ValidationError(Name, $"must be a whole number from {min} to {max}."));
        return null;
    }

    /// <summary>Reads the parameter, or <see cref="Default"/> when it is absent or invalid.</summary>
    public int ReadOrDefault(HttpRequest request, List<ValidationError> errors) => (int)(Read(request, errors) ?? Default ?? 0);

    protected override OpenApiSchema CreateSchema() => new()
    {
        Type = JsonSchemaType.Integer,
        Minimum = min.ToString(CultureInfo.InvariantCulture),
        Maximum = max == long.MaxValue ? null : max.ToString(CultureInfo.InvariantCulture),
        Default = Default,
    };
}
