using System.Text.Json.Nodes;

namespace Runs.Client.Tests;

/// <summary>A run of <see cref="FakeRunsServer"/>.</summary>
internal sealed class FakeRun
{
    public required string Id { get; init; }

    public required string Target { get; init; }

    public JsonNode? Config { get; init; }

    public JsonNode? Input { get; init; }

    public string? ParentRunId { get; init; }

    public JsonNode? RequestSnapshot { get; init; }

    public string? TraceParent { get; init; }

    public int? TimeoutSeconds { get; init; }

    public string Status { get; set; } = RunStatuses.Pending;

    public int Attempt { get; set; }

    /// <summary>Whether a worker holds the current attempt.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether it may be claimed.</summary>
    public bool IsReady { get; set; } = true;

    public DateTimeOffset? LeaseExpiresAt { get; set; }

    public DateTimeOffset? TimeoutAt { get; set; }

    public JsonNode? Session { get; set; }

    public string? WaitingFor { get; set; }

    public List<JsonObject> Events { get; } = [];

    /// <summary>The sizes of the appends.</summary>
    public List<int> Appends { get; } = [];

    public List<JsonObject> ToolResults { get; } = [];

    /// <summary>The bodies of completes that were accepted.</summary>
    public List<JsonObject> Outcomes { get; } = [];

    /// <summary>The bodies of waits that were accepted.</summary>
    public List<JsonObject> Waits { get; } = [];

    /// <summary>The reasons of releases that were accepted.</summary>
    public List<string> Releases { get; } = [];

    public string Kind => Target.Split(':')[0];

    public bool HasEnded => RunStatuses.IsTerminal(Status);

    public IEnumerable<string> EventTypes => Events.Select(item => item["type"]!.GetValue<string>());

    public string? EventMember(string type, string member) =>
        Events.First(item => item["type"]!.GetValue<string>() == type)[member]?.ToJsonString();
}
