using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Runs.Validation;

/// <summary>Parses requests, with the members that each kind allows, requires and forbids.</summary>
internal static class RunRequestParser
{
    private const int MaxAgentRequestBytes = 2_000_000;

    // The request is stored as it was sent, in a document that must also have room for the outcome (CommandValidator).
    private const int MaxRequestBytes = 9_500_000;

    // Clients compare this text. The error points to the whole message, so no member name precedes the text.
    private static readonly ValidationError AgentRequestTooLarge = new("", "Agent run request snapshot payload must be less than 2 MB");

    private static readonly string[] AgentModes = ["agent"];
    private static readonly string[] InitialStatuses = [RunStatuses.Pending, RunStatuses.Running];
    private static readonly string[] SourceTargetKinds = ["project", "environment", "preview_branch", "release", "main_branch"];
    private static readonly string[] RuntimeTargetKinds = ["main_branch", "environment", "preview_branch"];

    /// <summary>The result for a request that cannot be parsed.</summary>
    public static RunRequest Empty { get; } = new() { InitialStatus = RunStatuses.Pending, RemainingMembers = new RawJson("{}") };

    /// <inheritdoc cref="RunRequest.Parse"/>
    public static RunRequest Parse(string kind, JsonElement request, string pointer, ICollection<ValidationError> errors)
    {
        var fields = new JsonObjectReader(request, pointer, errors);
        if (!fields.IsObject)
        {
            return Empty;
        }

        var read = ParseRuntimeTarget(fields);
        read = kind switch
        {
            RunKinds.Agent => ParseAgent(read, fields),
            RunKinds.Task => ParseTask(read, fields),
            RunKinds.Workflow => ParseWorkflow(read, fields),
            RunKinds.Eval => ParseEval(read, fields),
            _ => throw new ArgumentException($"Requests of kind {kind} cannot be read.", nameof(kind)),
        };
        if (kind == RunKinds.Agent && ExceedsAgentRequestLimit(request))
        {
            errors.Add(AgentRequestTooLarge);
        }
        else if (JsonMarshal.GetRawUtf8Value(request).Length > MaxRequestBytes)
        {
            errors.Add(new ValidationError(pointer, "must not be larger than 9.5 MB, white space and all."));
        }

        return read with { RemainingMembers = RemoveInputAndConfig(request, read.Input is not null, read.Config is not null) };
    }

    private static RunRequest ParseAgent(RunRequest request, JsonObjectReader fields)
    {
        var agent = fields.GetRequiredSingleLine("agent_id", FieldRules.MaxTargetIdLength);
        request = request with
        {
            AgentId = agent,
            Target = $"{RunKinds.Agent}:{agent}",
            Mode = fields.GetOneOf("mode", AgentModes, formerValue: "default_chat", currentValue: "agent") ?? "agent",
            InitialStatus = fields.GetOneOf("initial_status", InitialStatuses) ?? RunStatuses.Pending,
            ImplementationKind = fields.GetToken("implementation_kind", 64, "_-"),
            WorkerKey = fields.GetToken("worker_key", FieldRules.MaxIdLength, "_.:-"),
            SourceTargetKind = fields.GetOneOf("source_target_kind", SourceTargetKinds),
            SourceTargetEnvironmentId = fields.GetUuid("source_target_environment_id"),
            SourceTargetBranchId = fields.GetUuid("source_target_branch_id"),
            SourceTargetReleaseVersion = fields.GetSingleLine("source_target_release_version", FieldRules.MaxNameLength),
            Input = fields.GetRawObject("input"),
        };
        ValidateTargetId(fields, "source_target_kind", request.SourceTargetKind, "environment", "source_target_environment_id", request.SourceTargetEnvironmentId);
        ValidateTargetId(fields, "source_target_kind", request.SourceTargetKind, "preview_branch", "source_target_branch_id", request.SourceTargetBranchId);
        if (request.SourceTargetReleaseVersion is not null && IsKnownToDiffer(fields, "source_target_kind", request.SourceTargetKind, "release"))
        {
            fields.AddError("source_target_release_version", "is allowed with source_target_kind release only.");
        }

        return request;
    }

    private static RunRequest ParseTask(RunRequest request, JsonObjectReader fields) => request with
    {
        Target = ParseTarget(RunKinds.Task, fields),
        Name = fields.GetSingleLine("name", FieldRules.MaxNameLength),
        BatchId = fields.GetUuid("batch_id"),
        Config = fields.GetRawObject("config"),
        TimeoutSeconds = (int?)fields.GetInteger("timeout_seconds", 1, int.MaxValue),
        BackoffLimit = (int?)fields.GetInteger("backoff_limit", 0, int.MaxValue),
    };

    private static RunRequest ParseWorkflow(RunRequest request, JsonObjectReader fields)
    {
        var workflow = fields.GetRequiredSingleLine("workflow_id", FieldRules.MaxTargetIdLength);
        var target = ParseTarget(RunKinds.Workflow, fields);
        if (workflow is not null && target is not null && target != $"{RunKinds.Workflow}:{workflow}")
        {
            fields.AddError("target", "must be workflow: and the workflow_id.");
        }

        return request with
        {
            WorkflowId = workflow,
            Target = target,
            Input = fields.GetRawObject("input"),
            StartMode = fields.GetSingleLine("start_mode", FieldRules.MaxNameLength),
        };
    }

    private static RunRequest ParseEval(RunRequest request, JsonObjectReader fields) => request with
    {
        Target = ParseTarget(RunKinds.Eval, fields),
        Input = fields.GetRawObject("input"),
        Config = fields.GetRawObject("config"),
        StartMode = fields.GetSingleLine("start_mode", FieldRules.MaxNameLength),
    };

    private static string? ParseTarget(string kind, JsonObjectReader fields)
    {
        var target = fields.GetRequiredSingleLine("target", kind.Length + 1 + FieldRules.MaxTargetIdLength);
        if (target is null || (target.StartsWith(kind, StringComparison.Ordinal) && target.AsSpan(kind.Length) is [':', _, ..]))
        {
            return target;
        }

        fields.AddError("target", $"must be {kind}: and an id.");
        return null;
    }

    private static RunRequest ParseRuntimeTarget(JsonObjectReader fields)
    {
        var read = Empty with
        {
            RuntimeTargetKind = fields.GetOneOf("runtime_target_kind", RuntimeTargetKinds, formerValue: "production", currentValue: "main_branch"),
            RuntimeTargetEnvironmentId = fields.GetUuid("runtime_target_environment_id"),
            RuntimeTargetBranchId = fields.GetUuid("runtime_target_branch_id"),
        };
        ValidateTargetId(fields, "runtime_target_kind", read.RuntimeTargetKind, "environment", "runtime_target_environment_id", read.RuntimeTargetEnvironmentId);
        ValidateTargetId(fields, "runtime_target_kind", read.RuntimeTargetKind, "preview_branch", "runtime_target_branch_id", read.RuntimeTargetBranchId);
        return read;
    }

    // A target that is an environment or a branch requires its id; any other target forbids it.
    private static void ValidateTargetId(JsonObjectReader fields, string kindName, string? kind, string requiredKind, string idName, string? id)
    {
        if (kind == requiredKind && !fields.HasValue(idName))
        {
            fields.AddError(idName, $"is required with {kindName} {requiredKind}.");
        }
        else if (id is not null && IsKnownToDiffer(fields, kindName, kind, requiredKind))
        {
            fields.AddError(idName, $"is allowed with {kindName} {requiredKind} only.");
        }
    }

    // An invalid kind has its own error already, and may have been meant as the required one.
    private static bool IsKnownToDiffer(JsonObjectReader fields, string kindName, string? kind, string requiredKind) =>
        kind != requiredKind && (kind is not null || !fields.HasValue(kindName));

    // White space and escapes depend on the sender and do not count.
    private static bool ExceedsAgentRequestLimit(JsonElement request) =>
        JsonMarshal.GetRawUtf8Value(request).Length >= MaxAgentRequestBytes
        && CanonicalJson.Canonicalize(request).WrittenCount >= MaxAgentRequestBytes;

    private static RawJson RemoveInputAndConfig(JsonElement request, bool removeInput, bool removeConfig)
    {
        if (!removeInput && !removeConfig)
        {
            return RawJson.FromElement(request);
        }

        var rest = new StringBuilder("{");
        foreach (var member in request.EnumerateObject())
        {
            if ((removeInput && member.NameEquals("input")) || (removeConfig && member.NameEquals("config")))
            {
                continue;
            }

            rest.Append(rest.Length == 1 ? "\"" : ",\"")
                .Append(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member)))
                .Append("\":")
                .Append(member.Value.GetRawText());
        }

        return new RawJson(rest.Append('}').ToString());
    }
}
