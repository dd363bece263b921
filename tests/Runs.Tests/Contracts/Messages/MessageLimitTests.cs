using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Runs.ContractGenerator;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>Doc comments, schemas and validators have the same limits.</summary>
public sealed partial class MessageLimitTests
{
    private const string Uuid = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";

    private static readonly IReadOnlyList<(Type Type, string Member, PropertyInfo Property)> Members =
    [
        .. from type in typeof(CreateRun).Assembly.GetExportedTypes()
           from property in type.GetProperties()
           let name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
           where name is not null
           select (type, name, property),
    ];

    public static TheoryData<string> Commands =>
        [.. ContractMessages.OfKind(MessageKind.Command).Select(message => message.Name)];

    [Fact]
    public void Every_rule_belongs_to_a_member() =>
        Assert.Empty(MemberRules.Keys.Except(Members.Select(member => (member.Type, member.Member))));

    [Fact]
    public void Documented_limits_are_those_of_the_schema() => Assert.All(Members, member =>
    {
        var rule = MemberRules.Find(member.Type, member.Member) ?? new MemberRule();
        var documented = ReadRule(DocComments.GetSummary(member.Property));
        if (member.Member != "tenant" && !member.Member.EndsWith("run_id", StringComparison.Ordinal)) // the same in every message
        {
            Assert.Equal(rule with { Enum = null }, documented);
        }
    });

    [Fact]
    public void Documented_sizes_and_counts_are_those_of_the_validators()
    {
        AssertDocumented(
            typeof(CreateRun), "run_id", $"1-{FieldLimits.MaxIdLength} of");
        AssertDocumented(
            typeof(StartRun),
            "event",
            $"less than {FieldLimits.MaxEventBytes / ByteSize.KiB} KiB without white space, "
                + $"and less than {FieldLimits.RawSizeFactor * FieldLimits.MaxEventBytes / ByteSize.MiB} MiB with it");
        AssertDocumented(typeof(ResumeRun), "result", $"at most {DescribeSize(FieldLimits.MaxResultBytes)}");
        AssertDocumented(typeof(InputForm), "fields", $"At most {DescribeSize(FieldLimits.MaxFormJsonBytes)}");
        AssertDocumented(typeof(InputForm), "metadata", $"At most {DescribeSize(FieldLimits.MaxFormJsonBytes)}");
        AssertDocumented(typeof(CompleteRun), "logs", $"at most {FieldLimits.MaxLogsBytes / ByteSize.MiB} MiB. Output");
        AssertDocumented(typeof(CompleteRun), "logs", $"together are at most {FieldLimits.MaxOutcomeBytes / ByteSize.MiB} MiB");
        AssertDocumented(typeof(RunSnapshot), "omitted", $"exceed {MessageTooLargeException.MaxBytes / 1_000_000} MB");

        Assert.Contains(
            $"about {Math.Round(FieldLimits.MaxInputRequestBytes / 1e5) * 100} KB",
            DocComments.GetSummary(typeof(RejectionCodes).GetField(nameof(RejectionCodes.TooManyInputRequests))!),
            StringComparison.Ordinal);

        static string DescribeSize(int maxBytes) =>
            $"{maxBytes / ByteSize.KiB} KiB without white space, "
            + $"and {FieldLimits.RawSizeFactor * maxBytes / ByteSize.MiB} MiB with it";

        static void AssertDocumented(Type type, string name, string phrase) => Assert.Contains(
            phrase,
            DocComments.GetSummary(Members.Single(member => member.Type == type && member.Member == name).Property),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_limit_of_a_command_is_enforced(string name)
    {
        var message = ContractMessages.Get(name);
        var document = JsonNode.Parse(ContractFiles.GenerateSchema(message))!;

        var limits = FindLimits(document, document, "").ToList();

        Assert.NotEmpty(limits);
        Assert.All(limits, limit => Assert.All(CreateCases(limit.Schema), testCase =>
        {
            var pointers = Validate(message, limit.Pointer, testCase.Value).Select(error => error.Pointer);

            Assert.True(
                pointers.Contains(limit.Pointer) != testCase.IsValid,
                $"{name}{limit.Pointer}: {testCase.Value?.ToJsonString() ?? "null"} is {(testCase.IsValid ? "rejected" : "accepted")}");
        }));
    }

    private static MemberRule ReadRule(string summary)
    {
        var text = summary.Replace(",", "", StringComparison.Ordinal);
        var length = LengthRange().Match(text);
        var json = JsonKind().Match(text);
        var items = ItemRange().Match(text);
        var seconds = SecondRange().Match(text);
        return new MemberRule
        {
            Type = json.Success ? json.Groups[1].Value : null,
            MinLength = length.Success ? ParseNumber(length.Groups[1]) : null,
            MaxLength = length.Success ? ParseNumber(length.Groups[2])
                : MaxLength().Match(text) is { Success: true } max ? ParseNumber(max.Groups[1])
                : null,
            Minimum = seconds.Success ? ParseNumber(seconds.Groups[1])
                : Minimum().Match(text) is { Success: true } minimum ? ParseNumber(minimum.Groups[1])
                : null,
            Maximum = seconds.Success ? ParseNumber(seconds.Groups[2]) : null,
            MinItems = items.Success ? ParseNumber(items.Groups[1]) : null,
            MaxItems = items.Success ? ParseNumber(items.Groups[2]) : null,
            Format = text.StartsWith("A UUID", StringComparison.Ordinal) ? "uuid" : null,
            Pattern = text.StartsWith("A UUID in lower case", StringComparison.Ordinal) ? FieldLimits.LowerCaseUuidPattern
                : text.Contains("ASCII letters and digits only", StringComparison.Ordinal) ? FieldLimits.LettersAndDigitsPattern
                : text.Contains("W3C Trace Context version 00", StringComparison.Ordinal) ? FieldLimits.TraceParentPattern
                : null,
        };
    }

    private static int ParseNumber(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static IEnumerable<(string Pointer, JsonObject Schema)> FindLimits(JsonNode document, JsonNode schema, string pointer)
    {
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            var resolved = Resolve(document, member!);
            if (resolved.ContainsKey("properties"))
            {
                foreach (var inner in FindLimits(document, resolved, $"{pointer}/{name}"))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return ($"{pointer}/{name}", resolved);
            }
        }
    }

    private static JsonObject Resolve(JsonNode document, JsonNode member)
    {
        var reference = member["$ref"] ?? member["anyOf"]?[0]?["$ref"];
        return reference is null
            ? member.AsObject()
            : document["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!.AsObject();
    }

    // Values at each bound and beside it.
    private static IEnumerable<(JsonNode? Value, bool IsValid)> CreateCases(JsonObject schema)
    {
        if (schema["minLength"]?.GetValue<int>() is { } minLength)
        {
            yield return (new string('a', minLength), true);
            yield return (new string('a', minLength - 1), false);
        }

        if (schema["maxLength"]?.GetValue<int>() is { } maxLength)
        {
            yield return (new string('a', maxLength), true);
            yield return (new string('a', maxLength + 1), false);
        }

        if (schema["minimum"]?.GetValue<int>() is { } minimum)
        {
            yield return (minimum, true);
            yield return (minimum - 1, false);
        }

        if (schema["maximum"]?.GetValue<int>() is { } maximum)
        {
            yield return (maximum, true);
            yield return (maximum + 1, false);
        }

        if (schema["maxItems"]?.GetValue<int>() is { } maxItems)
        {
            yield return (CreateArray(maxItems), true);
            yield return (CreateArray(maxItems + 1), false);
        }

        if (schema["minItems"]?.GetValue<int>() is { } minItems)
        {
            yield return (CreateArray(minItems), true);
            yield return (CreateArray(minItems - 1), false);
        }

        if (schema["pattern"]?.GetValue<string>() == FieldLimits.LettersAndDigitsPattern)
        {
            yield return ("aZ09", true);
            yield return ("a_b", false);
        }

        if (schema["enum"] is JsonArray)
        {
            yield return ("unknown", false);
        }

        if (schema["format"]?.GetValue<string>() == "uuid")
        {
            yield return (Uuid[1..], false);
            yield return (Uuid.Replace('-', 'a'), false);
        }

        if (schema["pattern"]?.GetValue<string>() == FieldLimits.LowerCaseUuidPattern)
        {
            yield return (Uuid.ToUpperInvariant(), false);
        }

        if (schema["pattern"]?.GetValue<string>() == FieldLimits.RunIdPattern)
        {
            yield return ("_Az09.:-", true);
            yield return (".a", false);
            yield return ("a/b", false);
        }
    }

    private static JsonArray CreateArray(int count) => new([.. Enumerable.Range(0, count).Select(_ => new JsonObject())]);

    private static IReadOnlyList<ValidationError> Validate(ContractMessage message, string pointer, JsonNode? value)
    {
        var body = JsonNode.Parse(message.Example)!;
        var path = pointer.Split('/')[1..];
        path[..^1].Aggregate(body, (node, name) => node[name]!)[path[^1]] = value?.DeepClone();
        return JsonSerializer.Deserialize(body, message.Type) switch
        {
            CreateRun create => CreateRunValidator.Validate(create, out _),
            StartRun start => CommandValidator.Validate(start),
            ClaimRun claim => CommandValidator.Validate(claim),
            ReleaseRun release => CommandValidator.Validate(release),
            RenewLease renewal => CommandValidator.Validate(renewal),
            WaitRun wait => CommandValidator.Validate(wait),
            ResumeRun resume => CommandValidator.Validate(resume),
            CompleteRun complete => CommandValidator.Validate(complete),
            CancelRun cancel => CommandValidator.Validate(cancel),
            _ => throw new ArgumentException("The message is not a command.", nameof(message)),
        };
    }

    [GeneratedRegex("([0-9]+)-([0-9]+) characters")]
    private static partial Regex LengthRange();

    [GeneratedRegex("([0-9]+)-([0-9]+) values")]
    private static partial Regex ItemRange();

    [GeneratedRegex("([0-9]+)-([0-9]+) seconds")]
    private static partial Regex SecondRange();

    [GeneratedRegex("[Aa]t most ([0-9]+) characters")]
    private static partial Regex MaxLength();

    [GeneratedRegex("([0-9]+) or more")]
    private static partial Regex Minimum();

    [GeneratedRegex("JSON (object|array)")]
    private static partial Regex JsonKind();
}
