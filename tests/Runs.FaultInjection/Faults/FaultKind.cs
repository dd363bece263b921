namespace Runs.FaultInjection.Faults;

/// <summary>What can be done to a deployment.</summary>
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

    /// <summary>One server's connections to broker and store are reset.</summary>
    Cut,

    /// <summary>Every piece of one server's traffic is under way longer.</summary>
    Latency,

    /// <summary>One server's connections look healthy and carry nothing, then are reset.</summary>
    HalfOpen,

    /// <summary>What the broker tells an api is swallowed, then the connections are reset: commands go out and no answer comes.</summary>
    DropReplies,

    /// <summary>What a lifecycle tells the broker is swallowed, then it is killed: it dies between insert and acknowledgement.</summary>
    Redeliver,

    /// <summary>The broker takes no more messages, for want of memory.</summary>
    MemoryAlarm,

    /// <summary>The same, for want of disk.</summary>
    DiskAlarm,

    /// <summary>Every sync of the store takes longer.</summary>
    SlowStore,

    /// <summary>
    /// The store's disk is full, and half way the store is killed, for those that would go on till then. It is started again as whoever supervises it does, also when it
    /// ends for want of disk.
    /// </summary>
    FullStore,

    /// <summary>A node of a broker of three is asked to end.</summary>
    StopNode,

    /// <summary>The same, killed.</summary>
    KillNode,

    /// <summary>The same, cut off from the other two; its clients keep it.</summary>
    PartitionNode,
}
