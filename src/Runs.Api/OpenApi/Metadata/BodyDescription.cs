namespace Runs.Api.OpenApi.Metadata;

/// <summary>Endpoint metadata: the type that describes the JSON body, a <see cref="RequestSchema"/>.</summary>
internal sealed record BodyDescription(Type Schema);
