using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.MicroBenchmarks;

/// <summary>
/// What the lifecycle role needs to validate a create that the API has already validated, and to parse its request.
/// </summary>
public class CommandValidationBenchmarks
{
    private readonly CreateRun _create = JsonSerializer.Deserialize<CreateRun>(CreateRequests.Command)!;

    private readonly CreateRun _largeCreate = JsonSerializer.Deserialize<CreateRun>(CreateRequests.Command)! with
    {
        Request = new RawJson($$"""{"target":"task:resize-images","input":{"text":"{{new string('x', 1_000_000)}}"}}"""),
    };

    [Benchmark]
    public object? ValidateCreate() => CommandValidation.Validate(_create);

    [Benchmark]
    public object? ValidateCreateOf1MB() => CommandValidation.Validate(_largeCreate);
}
