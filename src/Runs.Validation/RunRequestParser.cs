using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Runs.Validation;

/// <summary>Parses requests, with the members that each kind allows, requires and forbids.</summary>
internal static class RunRequestParser
{
    /// <summary>The value of <c>mode</c>.</summary>
    public const string AgentMode = "agent";

    /// <summary>The former name of <see cref="AgentMode"/>.</summary>
    public const string FormerAgentMode = "default_chat";

    /// <summary>A value of <c>runtime_target_kind</c> and <c>source_target_kind</c>.</summary>
    public const string MainBranch = "main_branch";

    /// <summary>The former name of <see cref="MainBranch"/> as a runtime target.</summary>
    public const string FormerMainBranch = "production";

    // Clients compare this text. The error points to the whole message, so no member name precedes the text.
    private static readonly ValidationError AgentRequestTooLarge = new(
        "", $"Agent run request snapshot payload must be less than {FieldLimits.MaxAgentRequestBytes / 1_000_000} MB");

    private static readonly string RequestTooLargeDetail = string.Create(
        CultureInfo.InvariantCulture, $"must not be larger than {FieldLimits.MaxRequestBytes / 1e6} MB, including white space.");

    private static readonly DateTimeOffset MaxStartAfter = new(2999, 12, 31, 23, 59, 59, TimeSpan.Zero);
    private static readonly string[] AgentModes = [AgentMode];
    private static readonly string[] InitialStatuses = [RunStatuses.Pending, RunStatuses.Running];

    /// <summary>The values of <c>source_target_kind</c>.</summary>
    public static IReadOnlyList<string> SourceTargetKinds { get; } = ["project", "environment", "preview_branch", "release", MainBranch];

    /// <summary>The values of <c>runtime_target_kind</c>.</summary>
    public static IReadOnlyList<string> RuntimeTargetKinds { get; } = [MainBranch, "environment", "preview_branch"];

    /// <summary>The result for a request that cannot be parsed.</summary>
    public static RunRequest Empty { get; } = new() { InitialStatus = RunStatuses.Pending, RemainingMembers = new RawJson("{}") };

    /// <summary>
    /// Parses <paramref name="request"/>, located at <paramref name="pointer"/>, as a request of
    /// <paramref name="kind"/>. Every error is added to <paramref name="errors"/>. The result is usable only when there
    /// are no errors.
    /// </summary>
    public static RunRequest Parse(string kind, JsonElement request, string pointer, ICollection<ValidationError> errors)
    {
        var fields = new JsonObjectReader(request, pointer, errors);
        if (!fields.IsObject)
        {
            return Empty;
        }

        var parsed = ParseRuntimeTarget(fields);
        parsed = kind switch
        {
            RunKinds.Agent => ParseAgent(parsed, fields),
            RunKinds.Task => ParseTask(parsed, fields),
            RunKinds.Workflow => ParseWorkflow(parsed, fields),
            RunKinds.Eval => ParseEval(parsed, fields),
            _ => throw new ArgumentException($"Requests of kind {kind} cannot be read.", nameof(kind)),
        };
        parsed = ParseExecution(parsed, fields);
        if (kind == RunKinds.Agent && ExceedsAgentRequestLimit(request))
        {
            errors.Add(AgentRequestTooLarge);
        }
        else if (JsonMarshal.GetRawUtf8Value(request).Length > FieldLimits.MaxRequestBytes)
        {
            errors.Add(new ValidationError(pointer, RequestTooLargeDetail));
        }

        return parsed with { RemainingMembers = RemoveInputAndConfig(request, parsed.Input is not null, parsed.Config is not null) };
    }

    private static RunRequest ParseAgent(RunRequest request, JsonObjectReader fields)
    {
        var agent = fields.GetRequiredSingleLine("agent_id", FieldLimits.MaxTargetIdLength);
        fields.GetOneOf("mode", AgentModes, FormerAgentMode, AgentMode); // validated only: there is one mode
        request = request with
        {
            AgentId = agent,
            Target = TargetFormat.GetPrefix(RunKinds.Agent) + agent,
            InitialStatus = fields.GetOneOf("initial_status", InitialStatuses) ?? RunStatuses.Pending,
            ImplementationKind = fields.GetToken(
                "implementation_kind", FieldLimits.MaxImplementationKindLength, FieldLimits.ImplementationKindCharacters),
            WorkerKey = fields.GetToken("worker_key", FieldLimits.MaxIdLength, FieldLimits.WorkerKeyCharacters),
            SourceTargetKind = fields.GetOneOf("source_target_kind", SourceTargetKinds),
            SourceTargetEnvironmentId = fields.GetUuid("source_target_environment_id"),
            SourceTargetBranchId = fields.GetUuid("source_target_branch_id"),
            SourceTargetReleaseVersion = fields.GetSingleLine("source_target_release_version", FieldLimits.MaxNameLength),
            Input = fields.GetRawObject("input"),
        };
        if (request.InitialStatus == RunStatuses.Running)
        {
            AddErrorIfPresent(fields, "start_after");
            AddErrorIfPresent(fields, "delay_seconds");
        }

        var sourceTarget = new TargetKind("source_target_kind", request.SourceTargetKind);
        ValidateTargetId(fields, sourceTarget, "environment", "source_target_environment_id", request.SourceTargetEnvironmentId);
        ValidateTargetId(fields, sourceTarget, "preview_branch", "source_target_branch_id", request.SourceTargetBranchId);
        if (request.SourceTargetReleaseVersion is not null && IsKnownToDiffer(fields, sourceTarget, "release"))
        {
            fields.AddError("source_target_release_version", "is allowed with source_target_kind release only.");
        }

        return request;
    }

    private static void AddErrorIfPresent(JsonObjectReader fields, string name)
    {
        if (fields.HasValue(name))
        {
            fields.AddError(name, "is not allowed with initial_status running.");
        }
    }

    private static RunRequest ParseTask(RunRequest request, JsonObjectReader fields) => request with
    {
        Target = ParseTarget(RunKinds.Task, fields),
        Name = fields.GetSingleLine("name", FieldLimits.MaxNameLength),
        BatchId = fields.GetUuid("batch_id"),
        Config = fields.GetRawObject("config"),
    };

    private static RunRequest ParseWorkflow(RunRequest request, JsonObjectReader fields)
    {
        var workflow = fields.GetRequiredSingleLine("workflow_id", FieldLimits.MaxTargetIdLength);
        var target = ParseTarget(RunKinds.Workflow, fields);
        if (workflow is not null && target is not null && target != TargetFormat.GetPrefix(RunKinds.Workflow) + workflow)
        {
            fields.AddError("target", $"must be {TargetFormat.GetPrefix(RunKinds.Workflow)} and the workflow_id.");
        }

        return request with
        {
            WorkflowId = workflow,
            Target = target,
            Input = fields.GetRawObject("input"),
            StartMode = fields.GetSingleLine("start_mode", FieldLimits.MaxNameLength),
        };
    }

    private static RunRequest ParseEval(RunRequest request, JsonObjectReader fields) => request with
    {
        Target = ParseTarget(RunKinds.Eval, fields),
        Input = fields.GetRawObject("input"),
        Config = fields.GetRawObject("config"),
        StartMode = fields.GetSingleLine("start_mode", FieldLimits.MaxNameLength),
    };

    private static string? ParseTarget(string kind, JsonObjectReader fields)
    {
        var target = fields.GetRequiredSingleLine("target", TargetFormat.GetMaxLength(kind));
        if (target is null || TargetFormat.IsTarget(target, kind))
        {
            return target;
        }

        fields.AddError("target", $"must be {TargetFormat.GetPrefix(kind)} and an id.");
        return null;
    }

    private static RunRequest ParseRuntimeTarget(JsonObjectReader fields)
    {
        var request = Empty with
        {
            RuntimeTargetKind = fields.GetOneOf("runtime_target_kind", RuntimeTargetKinds, FormerMainBranch, MainBranch),
            RuntimeTargetEnvironmentId = fields.GetUuid("runtime_target_environment_id"),
            RuntimeTargetBranchId = fields.GetUuid("runtime_target_branch_id"),
        };
        var runtimeTarget = new TargetKind("runtime_target_kind", request.RuntimeTargetKind);
        ValidateTargetId(fields, runtimeTarget, "environment", "runtime_target_environment_id", request.RuntimeTargetEnvironmentId);
        ValidateTargetId(fields, runtimeTarget, "preview_branch", "runtime_target_branch_id", request.RuntimeTargetBranchId);
        return request;
    }

    private static RunRequest ParseExecution(RunRequest request, JsonObjectReader fields)
    {
        request = request with
        {
            TimeoutSeconds = (int?)fields.GetInteger("timeout_seconds", FieldLimits.MinTimeoutSeconds, int.MaxValue),
            BackoffLimit = (int?)fields.GetInteger("backoff_limit", FieldLimits.MinBackoffLimit, int.MaxValue),
            Priority = (int?)fields.GetInteger("priority", -FieldLimits.MaxPriority, FieldLimits.MaxPriority),
            StartAfter = fields.GetTimestamp("start_after"),
            DelaySeconds = (int?)fields.GetInteger("delay_seconds", 0, FieldLimits.MaxStartSeconds),
            StartWithinSeconds = (int?)fields.GetInteger(
                "start_within_seconds", FieldLimits.MinStartWithinSeconds, FieldLimits.MaxStartSeconds),
        };
        if (request.StartAfter > MaxStartAfter)
        {
            fields.AddError("start_after", $"must not be after the year {MaxStartAfter.Year}.");
        }

        if (request.StartAfter is not null && request.DelaySeconds is not null)
        {
            fields.AddError("delay_seconds", "is not allowed together with start_after.");
        }

        return request;
    }

    // A target that is an environment or a branch requires its id; any other target forbids it.
    private static void ValidateTargetId(JsonObjectReader fields, TargetKind kind, string requiredKind, string idName, string? id)
    {
        if (kind.Value == requiredKind && !fields.HasValue(idName))
        {
            fields.AddError(idName, $"is required with {kind.MemberName} {requiredKind}.");
        }
        else if (id is not null && IsKnownToDiffer(fields, kind, requiredKind))
        {
            fields.AddError(idName, $"is allowed with {kind.MemberName} {requiredKind} only.");
        }
    }

    // An invalid kind has its own error already, and may have been meant as the required one.
    private static bool IsKnownToDiffer(JsonObjectReader fields, TargetKind kind, string requiredKind) =>
        kind.Value != requiredKind && (kind.Value is not null || !fields.HasValue(kind.MemberName));

    // White space and escapes depend on the sender and do not count.
    private static bool ExceedsAgentRequestLimit(JsonElement request) =>
        JsonMarshal.GetRawUtf8Value(request).Length >= FieldLimits.MaxAgentRequestBytes
        && CanonicalJson.Canonicalize(request).WrittenCount >= FieldLimits.MaxAgentRequestBytes;

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

    private readonly record struct TargetKind(string MemberName, string? Value);
}
