using System.Text.Json.Serialization;

namespace Runs.Validation;

/// <summary>The generated serializers of the messages that a batch contains.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = FieldLimits.MaxMessageJsonDepth)]
[JsonSerializable(typeof(CreateRun))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(ClaimRun))]
[JsonSerializable(typeof(ReleaseRun))]
[JsonSerializable(typeof(WaitRun))]
[JsonSerializable(typeof(ResumeRun))]
[JsonSerializable(typeof(CompleteRun))]
[JsonSerializable(typeof(CancelRun))]
[JsonSerializable(typeof(RunSnapshot))]
[JsonSerializable(typeof(RunRejected))]
[JsonSerializable(typeof(LeaseRenewed))]
[JsonSerializable(typeof(CommandFailed))]
internal sealed partial class BatchJsonContext : JsonSerializerContext;
