using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Runs.Lifecycle;

namespace Runs.Tests.Http;

/// <summary>The sizes in the texts of the OpenAPI document are the limits of the service.</summary>
public sealed partial class OpenApiSizeTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private static readonly Dictionary<string, string> Limits = new()
    {
        ["/paths//runs/{run_id}/input-requests/post"] = $"{Math.Round(FieldLimits.MaxInputRequestBytes / 1e5) * 100} KB",
        ["/paths//conversations/{conversation_id}/input-requests/post"] =
            $"{Math.Round(FieldLimits.MaxInputRequestBytes / 1e5) * 100} KB",
        ["/components/schemas/AppendEventsRequest/properties/events/items"] =
            $"{FieldLimits.MaxEventBytes / ByteSize.KiB} KiB, {InBytes(FieldLimits.MaxModelCallContextBytes)}, "
            + $"{FieldLimits.RawSizeFactor} times",
        ["/components/schemas/ClaimedRunResource/properties/run_event_token"] = InBytes(EventWriterTokens.MaxTokenBytes),
        ["/components/schemas/CreateEventWriterTokenResponse/properties/run_event_token"] = InBytes(EventWriterTokens.MaxTokenBytes),
        ["/components/schemas/CompleteRunRequest"] = $"{FieldLimits.MaxOutcomeBytes / ByteSize.MiB} MiB",
        ["/components/schemas/CompleteRunRequest/properties/logs"] = $"{FieldLimits.MaxLogsBytes / ByteSize.MiB} MiB",
        ["/components/schemas/CreateAgentRunRequest/properties/request"] = InBytes(FieldLimits.MaxAgentRequestBytes),
        ["/components/schemas/CreateEvalRunRequest/properties/request/properties/target"] = $"{FieldLimits.MaxTargetIdLength} characters",
        ["/components/schemas/CreateInputRequest/properties/fields"] = WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/schemas/CreateInputRequest/properties/metadata"] = WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/schemas/CreateRunInputRequest/properties/fields"] = WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/schemas/CreateRunInputRequest/properties/metadata"] = WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/schemas/CreateScheduleRequest/properties/config"] = InCharacters(FieldLimits.MaxScheduleConfigLength),
        ["/components/schemas/UpdateScheduleRequest/properties/config"] = InCharacters(FieldLimits.MaxScheduleConfigLength),
        ["/components/schemas/CreateTaskRunRequest/properties/request/properties/target"] = $"{FieldLimits.MaxTargetIdLength} characters",
        ["/components/schemas/RecordedToolResult/properties/result"] = $"{ToolResults.MaxValueBytes / ByteSize.KiB} KB",
        ["/components/schemas/RegisterWorkerRequest/properties/metadata"] = WithAndWithoutWhiteSpace(FieldLimits.MaxWorkerMetadataBytes),
        ["/components/schemas/RespondToInputRequest/properties/values"] = WithAndWithoutWhiteSpace(FieldLimits.MaxResultBytes),
        ["/components/schemas/ResumeRunRequest/properties/result"] = WithAndWithoutWhiteSpace(FieldLimits.MaxResultBytes),
        ["/components/schemas/SetSessionRequest/properties/metadata"] = WithAndWithoutWhiteSpace(FieldLimits.MaxSessionMetadataBytes),
        ["/components/schemas/WaitRunRequest/properties/input_request/properties/fields"] =
            WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/schemas/WaitRunRequest/properties/input_request/properties/metadata"] =
            WithAndWithoutWhiteSpace(FieldLimits.MaxFormJsonBytes),
        ["/components/responses/PayloadTooLarge"] = $"{Api.ApiOptions.MaxBodyBytes / ByteSize.MiB} MiB",
    };

    [Fact]
    public async Task Described_sizes_are_the_limits_of_the_service()
    {
        using var anyone = application.CreateClient(null);

        var described = FindDescriptions((await anyone.Get("/openapi.json")).Body, "")
            .Select(found => (found.Pointer, Sizes: string.Join(", ", Size().Matches(found.Text).Select(match => match.Value))))
            .Where(found => found.Sizes.Length > 0)
            .ToDictionary(found => found.Pointer, found => found.Sizes);

        Assert.Equal(Limits, described);
    }

    private static IEnumerable<(string Pointer, string Text)> FindDescriptions(JsonElement value, string pointer) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member =>
            member is { Name: "description", Value.ValueKind: JsonValueKind.String }
                ? [(pointer, member.Value.GetString()!)]
                : FindDescriptions(member.Value, $"{pointer}/{member.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => FindDescriptions(item, $"{pointer}/{index}")),
        _ => [],
    };

    private static string InBytes(int bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture) + " bytes";

    private static string InCharacters(int length) => length.ToString("N0", CultureInfo.InvariantCulture) + " characters";

    private static string WithAndWithoutWhiteSpace(int bytes) =>
        $"{bytes / ByteSize.KiB} KiB, {FieldLimits.RawSizeFactor * bytes / ByteSize.MiB} MiB";

    [GeneratedRegex("[0-9][0-9,]* (KiB|MiB|KB|MB|bytes|times|levels|characters)")]
    private static partial Regex Size();
}
