using System.Globalization;
using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>
/// Marks a 64-bit integer that has a minimum. The maximum is that of <see cref="long"/>, which the format does not
/// state.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AtLeastAttribute(long minimum) : Attribute, ISchemaAttribute
{
    public void ApplyTo(OpenApiSchema schema)
    {
        schema.Minimum = minimum.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = long.MaxValue.ToString(CultureInfo.InvariantCulture);
    }
}
