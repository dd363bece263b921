using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Runs.Contracts;
using Runs.Validation;

namespace Runs.MicroBenchmarks;

/// <summary>
/// What the lifecycle role needs to validate a create that the API has already validated, and to parse its request.
/// </summary>
public class CommandValidationBenchmarks
{
    private readonly CreateRun _create = JsonSerializer.Deserialize<CreateRun>(CreateRequests.Command)!;

    private readonly CreateRun _largeCreate = JsonSerializer.Deserialize<CreateRun>(CreateRequests.Command)! with
    {
        Request = new RawJson($$"""{"target":"task:resize-images","input":"{{new string('x', 1_000_000)}}"}"""),
    };

    [Benchmark]
    public object ValidateCreate() => CreateRunValidator.Validate(_create, out _);

    [Benchmark]
    public object ValidateCreateOf1MB() => CreateRunValidator.Validate(_largeCreate, out _);
}
