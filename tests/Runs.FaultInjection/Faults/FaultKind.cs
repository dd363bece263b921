namespace Runs.FaultInjection.Faults;

/// <summary>The kinds of faults.</summary>
internal enum FaultKind
{
    KillApi,
    KillLifecycle,
    KillBroker,
    KillStore,
    FreezeApi,
    FreezeLifecycle,
    FreezeBroker,
    FreezeStore,

    /// <summary>The connections of a server to broker and store are reset.</summary>
    Cut,

    /// <summary>The traffic of a server is delayed.</summary>
    Latency,

    /// <summary>The connections of a server stay open but carry nothing, then are reset.</summary>
    HalfOpen,

    /// <summary>What the broker sends to an api is dropped, then the connections are reset: no reply arrives.</summary>
    DropReplies,

    /// <summary>
    /// What a lifecycle sends to the broker is dropped, then it is killed: between insert and acknowledgement.
    /// </summary>
    Redeliver,

    /// <summary>The broker blocks publishers because of its memory alarm.</summary>
    MemoryAlarm,

    /// <summary>The broker blocks publishers because of its disk alarm.</summary>
    DiskAlarm,

    /// <summary>Every sync of the store is delayed.</summary>
    SlowStore,

    /// <summary>
    /// The disk of the store is full. After half of the time the store is killed, in case it goes on until then. It is
    /// started again, as by a supervisor, also when it exits for lack of space.
    /// </summary>
    FullStore,

    /// <summary>One of three nodes of the broker is asked to stop.</summary>
    StopNode,

    /// <summary>One of three nodes of the broker is killed.</summary>
    KillNode,

    /// <summary>One of three nodes of the broker is partitioned from the other two, but not from its clients.</summary>
    PartitionNode,
}
