namespace Runs.ContractGenerator;

/// <summary>The rules for members of messages. Lengths and bounds are those of the validators.</summary>
internal static class MemberRules
{
    private static readonly Dictionary<string, MemberRule> CommonMembers = new()
    {
        ["tenant"] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        ["run_id"] = MemberRule.RunId,
        ["parent_run_id"] = MemberRule.RunId,
        ["root_run_id"] = MemberRule.RunId,
        ["trace_id"] = MemberRule.SingleLine(FieldLimits.MaxTraceIdLength),
    };

    private static readonly Dictionary<(Type Type, string Member), MemberRule> Members = new()
    {
        [(typeof(CreateRun), "request")] = MemberRule.AnyObject,
        [(typeof(CreateRun), "conversation_id")] = MemberRule.LowerCaseUuid,
        [(typeof(CreateRun), "created_by")] = MemberRule.Uuid,
        [(typeof(CreateRun), "trigger_id")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),
        [(typeof(CreateRun), "schedule_id")] = MemberRule.LowerCaseUuid,
        [(typeof(CreateRun), "trace_parent")] = MemberRule.TraceParent,
        [(typeof(RunTrigger), "conversation_id")] = MemberRule.LowerCaseUuid,
        [(typeof(RunTrigger), "message_id")] = MemberRule.LowerCaseUuid,
        [(typeof(RunTrigger), "tool_call_id")] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        [(typeof(Owner), "id")] = MemberRule.Uuid,
        [(typeof(Actor), "id")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),
        [(typeof(Actor), "key_prefix")] = MemberRule.LettersAndDigits(FieldLimits.MaxKeyPrefixLength),
        [(typeof(Actor), "address")] = MemberRule.SingleLine(FieldLimits.MaxNetworkAddressLength),

        [(typeof(StartRun), "event")] = MemberRule.AnyObject,

        [(typeof(ClaimRun), "claim_id")] = MemberRule.LowerCaseUuid,
        [(typeof(ClaimRun), "worker_id")] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        [(typeof(ClaimRun), "instance_id")] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        [(typeof(ClaimRun), "worker_key")] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        [(typeof(ClaimRun), "pool")] = MemberRule.SingleLine(FieldLimits.MaxPoolLength),
        [(typeof(ClaimRun), "lease_seconds")] = MemberRule.Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds),

        [(typeof(RenewLease), "worker_id")] = MemberRule.SingleLine(FieldLimits.MaxIdLength),
        [(typeof(RenewLease), "attempt")] = MemberRule.AtLeast(FieldLimits.MinAttempt),
        [(typeof(RenewLease), "lease_seconds")] = MemberRule.Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds),

        [(typeof(ReleaseRun), "attempt")] = MemberRule.AtLeast(FieldLimits.MinAttempt),

        [(typeof(WaitRun), "attempt")] = MemberRule.AtLeast(FieldLimits.MinAttempt),
        [(typeof(WaitRun), "tool_call_id")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),
        [(typeof(WaitRun), "tool_name")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),
        [(typeof(InputForm), "title")] = MemberRule.SingleLine(FieldLimits.MaxFormTitleLength),
        [(typeof(InputForm), "description")] = MemberRule.Text(FieldLimits.MaxFormDescriptionLength),
        [(typeof(InputForm), "fields")] = MemberRule.Array(FieldLimits.MaxFormFields),
        [(typeof(InputForm), "metadata")] = MemberRule.AnyObject,

        [(typeof(ResumeRun), "tool_call_id")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),
        [(typeof(InputResponder), "actor_id")] = MemberRule.SingleLine(FieldLimits.MaxNameLength),

        [(typeof(CompleteRun), "status")] = MemberRule.OneOf(RunStatuses.Terminal),
        [(typeof(CompleteRun), "metadata")] = MemberRule.AnyObject,
        [(typeof(CompleteRun), "terminal_error_code")] = MemberRule.Text(FieldLimits.MaxNameLength),
        [(typeof(CompleteRun), "terminal_error_message")] = MemberRule.Text(FieldLimits.MaxErrorMessageLength),
        [(typeof(CompleteRun), "artifacts")] = MemberRule.AnyArray,
        [(typeof(CompleteRun), "duration_ms")] = MemberRule.AtLeast(FieldLimits.MinDurationMs),
        [(typeof(CompleteRun), "attempt")] = MemberRule.AtLeast(FieldLimits.MinAttempt),
        [(typeof(CompleteRun), "retry_after_seconds")] = MemberRule.Range(0, FieldLimits.MaxRetryAfterSeconds),

        [(typeof(RunAccepted), "conversation_id")] = MemberRule.Uuid,
        [(typeof(RunAccepted), "message_id")] = MemberRule.Uuid,
        [(typeof(RunAccepted), "status")] = MemberRule.OneOf(RunStatuses.Pending, RunStatuses.Running),
        [(typeof(RunAttemptEnded), "outcome")] = MemberRule.OneOf(
            AttemptOutcomes.Failed, AttemptOutcomes.Lost, AttemptOutcomes.Released, AttemptOutcomes.Suspended),
        [(typeof(RunFinished), "status")] = MemberRule.OneOf(RunStatuses.Terminal),
        [(typeof(RunFinished), "schedule_id")] = MemberRule.Uuid,

        [(typeof(RunResource), "metadata")] = MemberRule.AnyObject,
        [(typeof(RunResource), "schedule_id")] = MemberRule.Uuid,
        [(typeof(RunResource), "batch_id")] = MemberRule.Uuid,
        [(typeof(RunResource), "runtime_target_kind")] = MemberRule.OneOf(RunRequestParser.RuntimeTargetKinds),
        [(typeof(RunResource), "runtime_target_environment_id")] = MemberRule.Uuid,
        [(typeof(RunResource), "runtime_target_branch_id")] = MemberRule.Uuid,
        [(typeof(RunResource), "input")] = MemberRule.AnyObject,
        [(typeof(RunResource), "config")] = MemberRule.AnyObject,
        [(typeof(RunResource), "artifacts")] = MemberRule.AnyArray,
        [(typeof(RunResource), "created_by")] = MemberRule.Uuid,
        [(typeof(ClaimedSession), "id")] = MemberRule.Uuid,
        [(typeof(ClaimedSession), "session_key")] = MemberRule.SingleLine(FieldLimits.MaxSessionKeyLength),
        [(typeof(ClaimedSession), "metadata")] = MemberRule.AnyObject,
        [(typeof(RunClaim), "source_target_environment_id")] = MemberRule.Uuid,
        [(typeof(RunClaim), "source_target_branch_id")] = MemberRule.Uuid,
    };

    /// <summary>The members that have a rule, by the type that declares them.</summary>
    public static IEnumerable<(Type Type, string Member)> Keys => Members.Keys;

    /// <summary>The rule for the member with this JSON name; null when any value of its type is allowed.</summary>
    public static MemberRule? Find(Type type, string member) =>
        Members.GetValueOrDefault((type, member)) ?? CommonMembers.GetValueOrDefault(member);
}
