using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api.OpenApi;

/// <summary>
/// Adds to schemas what the types declare in attributes (<see cref="ISchemaAttribute"/>), and what the serializer does:
/// a time is a string, a <see cref="RawJson"/> is any JSON value, and a response always has all its members.
/// </summary>
internal sealed class SchemaTransformer : IOpenApiSchemaTransformer
{
    private const string ReferenceDescription = "x-ref-description";

    /// <summary>
    /// The component name of a type's schema. Null for types that are described inline, as callers' JSON is.
    /// </summary>
    public static string? GetSchemaId(JsonTypeInfo type) =>
        type.Type == typeof(RawJson) || type.Type == typeof(RawJson?) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { } member)
        {
            DescribeMember(schema, member);
        }
        else if (context.ParameterDescription?.ParameterDescriptor is IParameterInfoParameterDescriptor { ParameterInfo: var parameter })
        {
            ApplyAttributes(schema, parameter.GetCustomAttributes().Where(attribute => attribute is ISchemaAttribute));
        }

        DescribeMembership(schema, context.JsonTypeInfo);
        UnwrapDescriptions(schema);
        return Task.CompletedTask;
    }

    // The framework keeps the description of a reference in the metadata of the schema.
    private static void UnwrapDescriptions(OpenApiSchema schema)
    {
        schema.Description = DescriptionText.Unwrap(schema.Description);
        if (schema.Metadata is { } metadata && metadata.TryGetValue(ReferenceDescription, out var description))
        {
            metadata[ReferenceDescription] = DescriptionText.Unwrap((string)description)!;
        }
    }

    private static void DescribeMember(OpenApiSchema schema, JsonPropertyInfo member)
    {
        var attributes = GetAttributes(member).ToList();
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var orNull = type == member.PropertyType ? default : JsonSchemaType.Null;
        if (type == typeof(DateTimeOffset))
        {
            (schema.Type, schema.Format) = (JsonSchemaType.String | orNull, "date-time");
        }
        else if (type == typeof(RawJson))
        {
            // Without an attribute, any value is allowed.
            schema.Type = attributes.Exists(attribute => attribute is ISchemaAttribute) ? orNull : null;
        }
        else if (IsRequest(type) && member.IsGetNullable)
        {
            schema.Type |= JsonSchemaType.Null;
        }

        ApplyAttributes(schema, attributes);
        if (IsOmittedWhenNull(attributes))
        {
            schema.Type &= ~JsonSchemaType.Null;
        }
    }

    // Requests declare what is required. Responses have every member that is not omitted when it is null.
    private static void DescribeMembership(OpenApiSchema schema, JsonTypeInfo type)
    {
        if (type.Properties.Any(property => property.IsExtensionData))
        {
            schema.AdditionalProperties = new OpenApiSchema();
        }

        if (schema.Properties is { Count: > 0 } && !IsRequest(type.Type))
        {
            schema.Required = type.Properties
                .Where(property => !IsOmittedWhenNull(GetAttributes(property)))
                .Select(property => property.Name)
                .ToHashSet();
        }
    }

    private static void ApplyAttributes(OpenApiSchema schema, IEnumerable<Attribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute is ISchemaAttribute description)
            {
                description.ApplyTo(schema);
            }
            else if (attribute is DescriptionAttribute { Description: var text })
            {
                schema.Description = text;
            }
        }
    }

    private static IEnumerable<Attribute> GetAttributes(JsonPropertyInfo member) => member.AttributeProvider is PropertyInfo property
        ? property.GetCustomAttributes().Concat(ContractMembers.GetAttributes(property))
        : [];

    private static bool IsRequest(Type type) => type.IsAssignableTo(typeof(RequestSchema));

    private static bool IsOmittedWhenNull(IEnumerable<Attribute> attributes) =>
        attributes.Any(attribute => attribute is JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull });
}
