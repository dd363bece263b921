using System.Text.Json;

namespace Runs.Api.Workers;

/// <summary>The body of a heartbeat. It has no members yet; unknown ones are ignored.</summary>
internal sealed record SendHeartbeatBody
{
    /// <summary>Reads a body.</summary>
    public static Result<SendHeartbeatBody> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        _ = new JsonObjectReader(json, "", errors);
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : new SendHeartbeatBody();
    }
}
