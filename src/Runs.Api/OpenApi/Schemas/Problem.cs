using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Problem details (RFC 9457). Branch on <c>status</c> and <c>code</c>; <c>detail</c> is for people.</summary>
public sealed record Problem
{
    /// <summary>Always <c>about:blank</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The status text.</summary>
    [MinLength(1)]
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The explanation, for people. Never empty.</summary>
    [MinLength(1)]
    public required string Detail { get; init; }

    /// <summary>The error code, for programs. New codes may be added. Absent when the status is sufficient.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string Code { get; init; } = "";

    /// <summary>With <c>INVALID_REQUEST</c>: the invalid members, each once; the first 50.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ValidationErrorResource> Errors { get; init; } = [];

    /// <summary>With <c>INSUFFICIENT_SCOPE</c>: the scope that the credential lacks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string Scope { get; init; } = "";

    /// <summary>
    /// With <c>REQUEST_DIFFERS</c>: JSON Pointers (RFC 6901) into the body, one for each member that differs. Values
    /// are never included.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>
    /// The requested run, when the outcome of the request is unknown, when the broker was unavailable, or when the
    /// store was unavailable.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string RunId { get; init; } = "";

    /// <summary>Identifies this request in the service's logs and traces.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string TraceId { get; init; } = "";
}
