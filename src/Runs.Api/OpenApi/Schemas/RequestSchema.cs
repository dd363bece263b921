namespace Runs.Api.OpenApi.Schemas;

/// <summary>
/// A type that describes a request body or an object in one. No body is deserialized into it: the parsers read JSON
/// directly, so that all validation errors are reported at once and JSON is returned exactly as sent. A member that is
/// not required may be absent. A member whose type allows null may be null, which is the same as absent.
/// </summary>
/// <remarks><c>OpenApiTests</c> posts the examples, and <c>OpenApiLimitTests</c> the limits.</remarks>
public abstract record RequestSchema;
