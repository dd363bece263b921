using System.Text.Json.Nodes;

namespace Runs.ContractGenerator;

/// <summary>The rule for a member of a message, as keywords of JSON Schema.</summary>
internal sealed record MemberRule
{
    /// <summary>A run id.</summary>
    public static MemberRule RunId { get; } =
        SingleLine(FieldLimits.MaxIdLength) with { Pattern = FieldLimits.RunIdPattern };

    /// <summary>A UUID in either case.</summary>
    public static MemberRule Uuid { get; } = new() { Format = "uuid" };

    /// <summary>A UUID in lower case.</summary>
    public static MemberRule LowerCaseUuid { get; } = Uuid with { Pattern = FieldLimits.LowerCaseUuidPattern };

    /// <summary>The trace context of a sender.</summary>
    public static MemberRule TraceParent { get; } = new() { Pattern = FieldLimits.TraceParentPattern };

    /// <summary>A JSON object of any content.</summary>
    public static MemberRule AnyObject { get; } = new() { Type = "object" };

    /// <summary>A JSON array of any content.</summary>
    public static MemberRule AnyArray { get; } = new() { Type = "array" };

    /// <summary>The type, for a value of any JSON type.</summary>
    public string? Type { get; init; }

    /// <summary>The allowed values.</summary>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>The minimum length in UTF-16 code units.</summary>
    public int? MinLength { get; init; }

    /// <summary>The maximum length in UTF-16 code units.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The minimum number.</summary>
    public int? Minimum { get; init; }

    /// <summary>The maximum number.</summary>
    public int? Maximum { get; init; }

    /// <summary>The minimum number of items of an array.</summary>
    public int? MinItems { get; init; }

    /// <summary>The maximum number of items of an array.</summary>
    public int? MaxItems { get; init; }

    /// <summary>The format of a text.</summary>
    public string? Format { get; init; }

    /// <summary>The regular expression that a text matches.</summary>
    public string? Pattern { get; init; }

    /// <summary>A text of at least one character.</summary>
    public static MemberRule SingleLine(int maxLength) => new() { MinLength = 1, MaxLength = maxLength };

    /// <summary>A text that may be empty.</summary>
    public static MemberRule Text(int maxLength) => new() { MaxLength = maxLength };

    /// <summary>A text of ASCII letters and digits, at least one.</summary>
    public static MemberRule LettersAndDigits(int maxLength) =>
        SingleLine(maxLength) with { Pattern = FieldLimits.LettersAndDigitsPattern };

    /// <summary>A JSON array of at least one item.</summary>
    public static MemberRule Array(int maxItems) => AnyArray with { MinItems = 1, MaxItems = maxItems };

    /// <summary>A number.</summary>
    public static MemberRule AtLeast(int minimum) => new() { Minimum = minimum };

    /// <summary>A number within bounds.</summary>
    public static MemberRule Range(int minimum, int maximum) => new() { Minimum = minimum, Maximum = maximum };

    /// <summary>One of the values.</summary>
    public static MemberRule OneOf(params IReadOnlyList<string> values) => new() { Enum = values };

    /// <summary>Adds the keywords to the schema of the member.</summary>
    public void AddTo(JsonObject schema)
    {
        Add("type", Type);
        Add("enum", Enum is null ? null : new JsonArray([.. Enum.Select(value => JsonValue.Create(value))]));
        Add("minLength", MinLength);
        Add("maxLength", MaxLength);
        Add("minimum", Minimum);
        Add("maximum", Maximum);
        Add("minItems", MinItems);
        Add("maxItems", MaxItems);
        Add("format", Format);
        Add("pattern", Pattern);

        void Add(string keyword, JsonNode? value)
        {
            if (value is not null)
            {
                schema[keyword] = value;
            }
        }
    }
}
