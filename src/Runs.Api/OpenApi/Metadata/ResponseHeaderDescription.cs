namespace Runs.Api.OpenApi.Metadata;

/// <summary>Endpoint metadata: a header of the responses with this status.</summary>
internal sealed record ResponseHeaderDescription(int Status, ResponseHeader Header);
