using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Runs.Contracts;

/// <summary>Reads requests: what each kind has, requires and forbids.</summary>
internal static class RunRequestReader
{
    private const int MaxSnapshotBytes = 2_000_000;

    // It is kept as it was sent, in a document that must have room for the outcome, too (CommandRules).
    private const int MaxBytes = 9_500_000;

    // Clients compare this text. It stands for the whole message, so that nothing is put before it.
    private static readonly InvalidMember SnapshotTooLarge = new("", "Agent run request snapshot payload must be less than 2 MB");

    private static readonly string[] Modes = ["agent"];
    private static readonly string[] InitialStatuses = [RunStatuses.Pending, RunStatuses.Running];
    private static readonly string[] SourceTargets = ["project", "environment", "preview_branch", "release", "main_branch"];
    private static readonly string[] RuntimeTargets = ["main_branch", "environment", "preview_branch"];

    /// <summary>What is read when there is nothing to read.</summary>
    public static RunRequest Nothing { get; } = new() { InitialStatus = RunStatuses.Pending, Rest = new RawJson("{}") };

    /// <inheritdoc cref="RunRequest.Read"/>
    public static RunRequest Read(string kind, JsonElement request, string pointer, ICollection<InvalidMember> errors)
    {
        var fields = new JsonFields(request, pointer, errors);
        if (!fields.IsObject)
        {
            return Nothing;
        }

        var read = ReadRuntimeTarget(fields);
        read = kind switch
        {
            RunKinds.Agent => ReadAgent(read, fields),
            RunKinds.Task => ReadTask(read, fields),
            RunKinds.Workflow => ReadWorkflow(read, fields),
            RunKinds.Eval => ReadEval(read, fields),
            _ => throw new ArgumentException($"Requests of kind {kind} cannot be read.", nameof(kind)),
        };
        if (kind == RunKinds.Agent && IsTooLargeForAgent(request))
        {
            errors.Add(SnapshotTooLarge);
        }
        else if (JsonMarshal.GetRawUtf8Value(request).Length > MaxBytes)
        {
            errors.Add(new InvalidMember(pointer, "must not be larger than 9.5 MB, white space and all."));
        }

        return read with { Rest = Without(request, read.Input is not null, read.Config is not null) };
    }

    private static RunRequest ReadAgent(RunRequest read, JsonFields fields)
    {
        var agent = fields.RequiredLine("agent_id", Limits.TargetId);
        read = read with
        {
            AgentId = agent,
            Target = $"{RunKinds.Agent}:{agent}",
            Mode = fields.OneOf("mode", Modes, alias: "default_chat", meaning: "agent") ?? "agent",
            InitialStatus = fields.OneOf("initial_status", InitialStatuses) ?? RunStatuses.Pending,
            ImplementationKind = fields.Word("implementation_kind", 64, "_-"),
            WorkerKey = fields.Word("worker_key", Limits.Key, "_.:-"),
            SourceTargetKind = fields.OneOf("source_target_kind", SourceTargets),
            SourceTargetEnvironmentId = fields.Uuid("source_target_environment_id"),
            SourceTargetBranchId = fields.Uuid("source_target_branch_id"),
            SourceTargetReleaseVersion = fields.Line("source_target_release_version", Limits.Name),
            Input = fields.Object("input"),
        };
        CheckTargetId(fields, "source_target_kind", read.SourceTargetKind, "environment", "source_target_environment_id", read.SourceTargetEnvironmentId);
        CheckTargetId(fields, "source_target_kind", read.SourceTargetKind, "preview_branch", "source_target_branch_id", read.SourceTargetBranchId);
        if (read.SourceTargetReleaseVersion is not null && IsOther(fields, "source_target_kind", read.SourceTargetKind, "release"))
        {
            fields.Complain("source_target_release_version", "is allowed with source_target_kind release only.");
        }

        return read;
    }

    private static RunRequest ReadTask(RunRequest read, JsonFields fields) => read with
    {
        Target = ReadTarget(RunKinds.Task, fields),
        Name = fields.Line("name", Limits.Name),
        BatchId = fields.Uuid("batch_id"),
        Config = fields.Object("config"),
        TimeoutSeconds = (int?)fields.Integer("timeout_seconds", 1, int.MaxValue),
        BackoffLimit = (int?)fields.Integer("backoff_limit", 0, int.MaxValue),
    };

    private static RunRequest ReadWorkflow(RunRequest read, JsonFields fields)
    {
        var workflow = fields.RequiredLine("workflow_id", Limits.TargetId);
        var target = ReadTarget(RunKinds.Workflow, fields);
        if (workflow is not null && target is not null && target != $"{RunKinds.Workflow}:{workflow}")
        {
            fields.Complain("target", "must be workflow: and the workflow_id.");
        }

        return read with
        {
            WorkflowId = workflow,
            Target = target,
            Input = fields.Object("input"),
            StartMode = fields.Line("start_mode", Limits.Name),
        };
    }

    private static RunRequest ReadEval(RunRequest read, JsonFields fields) => read with
    {
        Target = ReadTarget(RunKinds.Eval, fields),
        Input = fields.Object("input"),
        Config = fields.Object("config"),
        StartMode = fields.Line("start_mode", Limits.Name),
    };

    private static string? ReadTarget(string kind, JsonFields fields)
    {
        var target = fields.RequiredLine("target", kind.Length + 1 + Limits.TargetId);
        if (target is null || (target.StartsWith(kind, StringComparison.Ordinal) && target.AsSpan(kind.Length) is [':', _, ..]))
        {
            return target;
        }

        fields.Complain("target", $"must be {kind}: and an id.");
        return null;
    }

    private static RunRequest ReadRuntimeTarget(JsonFields fields)
    {
        var read = Nothing with
        {
            RuntimeTargetKind = fields.OneOf("runtime_target_kind", RuntimeTargets, alias: "production", meaning: "main_branch"),
            RuntimeTargetEnvironmentId = fields.Uuid("runtime_target_environment_id"),
            RuntimeTargetBranchId = fields.Uuid("runtime_target_branch_id"),
        };
        CheckTargetId(fields, "runtime_target_kind", read.RuntimeTargetKind, "environment", "runtime_target_environment_id", read.RuntimeTargetEnvironmentId);
        CheckTargetId(fields, "runtime_target_kind", read.RuntimeTargetKind, "preview_branch", "runtime_target_branch_id", read.RuntimeTargetBranchId);
        return read;
    }

    // A target that is an environment or a branch says which; any other target has no such id.
    private static void CheckTargetId(JsonFields fields, string kindName, string? kind, string which, string idName, string? id)
    {
        if (kind == which && !fields.Has(idName))
        {
            fields.Complain(idName, $"is required with {kindName} {which}.");
        }
        else if (id is not null && IsOther(fields, kindName, kind, which))
        {
            fields.Complain(idName, $"is allowed with {kindName} {which} only.");
        }
    }

    // A kind that could not be read has been complained about, and may have been meant as the right one.
    private static bool IsOther(JsonFields fields, string kindName, string? kind, string which) =>
        kind != which && (kind is not null || !fields.Has(kindName));

    private static bool IsTooLargeForAgent(JsonElement request) =>
        JsonMarshal.GetRawUtf8Value(request).Length >= MaxSnapshotBytes
        && CanonicalJson.Form(request).WrittenCount >= MaxSnapshotBytes; // white space and escapes are the sender's, and do not count

    private static RawJson Without(JsonElement request, bool input, bool config)
    {
        if (!input && !config)
        {
            return RawJson.From(request);
        }

        var rest = new StringBuilder("{");
        foreach (var member in request.EnumerateObject())
        {
            if ((input && member.NameEquals("input")) || (config && member.NameEquals("config")))
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
