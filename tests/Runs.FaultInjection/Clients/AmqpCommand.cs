using System.Text.Json.Nodes;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Clients;

/// <summary>Creates the bodies of commands over AMQP.</summary>
internal static class AmqpCommand
{
    public static string CreateBody(TrackedRun run, JsonObject? members = null)
    {
        var command = members?.DeepClone().AsObject() ?? [];
        command.Remove("public_id");
        (command["tenant"], command["run_id"]) = ("dev", run.Id);
        return command.ToJsonString();
    }
}
