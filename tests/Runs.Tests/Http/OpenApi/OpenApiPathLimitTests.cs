using System.Net;
using System.Text.Json;

namespace Runs.Tests.Http;

/// <summary>
/// The limits of path parameters in the description are those of the service: an id at a bound is found, and a value
/// just beyond it is no id, so that nothing is found.
/// </summary>
public sealed class OpenApiPathLimitTests(OpenApiPathLimitTests.ShortSlugApplication application)
    : IClassFixture<OpenApiPathLimitTests.ShortSlugApplication>
{
    [Fact]
    public async Task Ids_in_paths_are_found_at_every_bound_and_not_found_beyond_it()
    {
        using var anyone = application.CreateClient(null);
        var description = new OpenApiDescription((await anyone.Get("/openapi.json")).Body);
        var ids = await CreateResources();
        var (checkedCount, errors) = (0, new List<string>());
        foreach (var (_, path, operation) in description.Operations.Where(operation => operation.Method == "GET"))
        {
            var parameters = operation.TryGetProperty("parameters", out var described) ? described.EnumerateArray() : default;
            foreach (var parameter in parameters.Where(parameter => parameter.GetProperty("in").GetString() == "path"))
            {
                var name = parameter.GetProperty("name").GetString()!;
                foreach (var bound in FindBounds(parameter.GetProperty("schema"), ids[name]))
                {
                    checkedCount++;
                    var value = bound.Value.Trim('"');
                    var values = new Dictionary<string, string>(ids) { [name] = value };
                    if (name == "run_id" && bound.IsAllowed)
                    {
                        values["input_request_id"] = await CreateEndedRun(value, ids["conversation_id"]);
                    }

                    var filled = FillPath(path, values);
                    errors.AddRange(await FindErrors(filled, bound));
                }
            }
        }

        Assert.Empty(errors);
        Assert.True(checkedCount > 100, $"{checkedCount} values were checked.");
    }

    // An empty segment makes another path.
    private static IEnumerable<SchemaBound> FindBounds(JsonElement schema, string id) =>
        schema.TryGetProperty("format", out var format)
            ? FindFormatBounds(format.GetString()!, id)
            : SchemaBound.Find(schema, "").Where(bound => bound.Value != "\"\"");

    private static IEnumerable<SchemaBound> FindFormatBounds(string format, string id)
    {
        Assert.Equal("uuid", format);
        string[] allowed = [id, id.ToUpperInvariant()];
        string[] excluded = [id[..^1], $"{id}0", $"g{id[1..]}", id.Replace("-", "", StringComparison.Ordinal), $"{{{id}}}"];
        return allowed.Concat(excluded).Select(value => new SchemaBound(format, value, allowed.Contains(value)));
    }

    private static string FillPath(string path, Dictionary<string, string> values) => values.Aggregate(
        path, (filled, value) => filled.Replace($"{{{value.Key}}}", Uri.EscapeDataString(value.Value), StringComparison.Ordinal));

    // A stream of a run that has ended ends, too. It is not JSON.
    private async Task<IEnumerable<string>> FindErrors(string path, SchemaBound bound)
    {
        using var response = await application.Client.GetAsync(path);
        var isExpected = bound.IsAllowed
            ? response.StatusCode == HttpStatusCode.OK
            : response.StatusCode == HttpStatusCode.NotFound && IsAnswerOfRoute(await ApiResponse.From(response));
        return isExpected ? [] : [$"{path}: {bound.Bound} gets {response.StatusCode}"];
    }

    // As opposed to the answer to a path that is no route.
    private static bool IsAnswerOfRoute(ApiResponse notFound) =>
        notFound.Read<ApiProblem>(404).Code is
            "RUN_NOT_FOUND" or "PROJECT_NOT_FOUND" or "SCHEDULE_NOT_FOUND" or "CONVERSATION_NOT_FOUND" or "INPUT_REQUEST_NOT_FOUND";

    /// <summary>Creates what the paths identify.</summary>
    /// <returns>The values of the path parameters.</returns>
    private async Task<Dictionary<string, string>> CreateResources()
    {
        var (run, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        var inputRequest = await CreateEndedRun(run, conversation);
        var schedule = await application.Client.CreateSchedule();
        return new Dictionary<string, string>
        {
            ["run_id"] = run,
            ["project_reference"] = RunsApplication.Project,
            ["conversation_id"] = conversation,
            ["input_request_id"] = inputRequest,
            ["schedule_id"] = schedule.Id,
        };
    }

    /// <summary>Creates a run with an input request.</summary>
    /// <returns>The id of the input request.</returns>
    private async Task<string> CreateEndedRun(string run, string conversation)
    {
        await application.Client.Create(TestRequests.AgentBody(run, conversation: conversation));
        var response = await application.Client.RequestInput(run, path: ApiPaths.RunInputRequests(run));
        await application.Client.Cancel(run);
        return response["id"].GetString()!; // also that of a run which exists already
    }

    /// <summary>A project has a slug of one character, the shortest.</summary>
    public sealed class ShortSlugApplication() : EmbeddedApplication(new() { ["Api:ProjectSlugs:a"] = Project });
}
