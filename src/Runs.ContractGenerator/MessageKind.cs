namespace Runs.ContractGenerator;

/// <summary>The direction and purpose of a message.</summary>
internal enum MessageKind
{
    /// <summary>Sent to the service by any other service.</summary>
    Command,

    /// <summary>Published by the service to all subscribers.</summary>
    Event,

    /// <summary>Sent by the service to the sender of a command that requests a reply.</summary>
    Reply,
}
