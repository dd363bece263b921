using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <content>The operations on input requests.</content>
internal sealed partial class ScenarioOperations
{
    private Task<ObservedReply[]> RequestInput(RunOracle run, Operation operation)
    {
        var toolCall = operation.Variant % 3 == 0 ? "call_1" : $"form_{operation.Variant % 3}";
        var form = new InputForm { RequestedResponderType = "human", Title = "Which?", Fields = new RawJson("[1]") };
        var command = new WaitRun { Tenant = "dev", RunId = run.Id, Reason = "input", ToolCallId = toolCall, InputRequest = form };
        var body = $$"""
            {"kind":"form","run_id":"{{run.Id}}","tool_call_id":"{{toolCall}}","requested_responder_type":"human","title":"Which?",
             "fields":[1]}
            """;
        return Send(run, operation.Mode, command, $"/conversations/{conversation}/input-requests", body);
    }

    private Task<ObservedReply[]> RespondToInput(RunOracle run, Operation operation)
    {
        var toolCall = $"form_{operation.Variant % 2 + 1}";
        var isCancel = operation.Variant % 3 == 0;
        var values = isCancel ? "null" : $$"""{"a":{{operation.Variant}}}""";
        var command = new ResumeRun
        {
            Tenant = "dev",
            RunId = run.Id,
            ToolCallId = toolCall,
            Result = new RawJson(values),
            IsError = isCancel,
            Responder = new InputResponder { ActorType = "human" },
        };
        var request = RunIds.Derive(RunIds.ForRun("dev", run.Id), $"input-request/{toolCall}");
        var path = $"/conversations/{conversation}/input-requests/{request}/{(isCancel ? "cancel" : "responses")}";
        return Send(run, operation.Mode, command, path, $$"""{"values":{{values}}}""");
    }
}
