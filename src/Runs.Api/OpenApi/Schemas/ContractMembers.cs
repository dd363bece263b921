using System.ComponentModel;
using System.Linq.Expressions;
using System.Reflection;
using Runs.Contracts;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>
/// The attributes of members of contract types. The contracts have no attributes for OpenAPI, because their package
/// references nothing but .NET.
/// </summary>
internal static class ContractMembers
{
    private static readonly Dictionary<PropertyInfo, Attribute[]> Attributes = new()
    {
        [Member<Owner>(owner => owner.Kind)] =
        [
            new OneOfAttribute(typeof(OwnerKinds)),
            new DescriptionAttribute("The kind of owner. Only agent runs belong to conversations."),
        ],
        [Member<Owner>(owner => owner.Id)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.Kind)] =
        [
            new OneOfAttribute(typeof(RunKinds)),
            new DescriptionAttribute("What the run executes."),
        ],
        [Member<RunResource>(run => run.Status)] =
        [
            new OneOfAttribute(typeof(RunStatuses)),
            new DescriptionAttribute("The run's status. `completed`, `failed` and `cancelled` are final."),
        ],
        [Member<RunResource>(run => run.WaitingReason)] =
        [
            new OneOfAttribute(typeof(WaitingReasons)),
            new DescriptionAttribute("What the run waits for. Null unless it is waiting."),
        ],
        [Member<RunResource>(run => run.TriggerKind)] =
        [
            new OneOfAttribute(typeof(TriggerKinds)),
            new DescriptionAttribute("What caused the run; `api` for a direct create."),
        ],
        [Member<RunResource>(run => run.RuntimeTargetKind)] = [new OneOfAttribute(typeof(TargetKinds), nameof(TargetKinds.Runtime))],
        [Member<RunResource>(run => run.RuntimeTargetEnvironmentId)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.RuntimeTargetBranchId)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.ScheduleId)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.BatchId)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.CreatedBy)] = [new UuidAttribute()],
        [Member<RunResource>(run => run.Metadata)] = [new JsonObjectAttribute()],
        [Member<RunResource>(run => run.Input)] = [new JsonObjectAttribute()],
        [Member<RunResource>(run => run.Config)] = [new JsonObjectAttribute()],
        [Member<RunResource>(run => run.Artifacts)] = [new JsonArrayAttribute()],
    };

    /// <summary>The attributes of a member of a contract type; none for members of other types.</summary>
    public static IEnumerable<Attribute> GetAttributes(PropertyInfo member) => Attributes.GetValueOrDefault(member, []);

    private static PropertyInfo Member<T>(Expression<Func<T, object?>> member)
    {
        var body = member.Body is UnaryExpression { NodeType: ExpressionType.Convert } conversion ? conversion.Operand : member.Body;
        return (PropertyInfo)((MemberExpression)body).Member;
    }
}
