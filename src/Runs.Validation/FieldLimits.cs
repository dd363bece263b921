namespace Runs.Validation;

/// <summary>
/// The limits of members of commands, events and HTTP bodies. Validators, JSON Schemas, the AsyncAPI document and the
/// OpenAPI document use these constants. Lengths are in UTF-16 code units, sizes in bytes of UTF-8.
/// </summary>
internal static class FieldLimits
{
    /// <summary>
    /// The maximum length of a run id, tenant and worker key, and of a tool call id over HTTP in a wait or resume.
    /// </summary>
    public const int MaxIdLength = 128;

    /// <summary>The maximum length of an agent, task, workflow and eval id.</summary>
    public const int MaxTargetIdLength = 256;

    /// <summary>The maximum length of a name, and of every short text for which the API specifies no limit.</summary>
    public const int MaxNameLength = 255;

    /// <summary>The maximum length of a worker implementation's kind.</summary>
    public const int MaxImplementationKindLength = 64;

    /// <summary>The maximum length of the display names of a worker and of its implementation.</summary>
    public const int MaxWorkerNameLength = 128;

    /// <summary>The maximum number of targets of a worker.</summary>
    public const int MaxWorkerTargets = 100;

    /// <summary>The minimum number of runs that a worker executes at a time.</summary>
    public const int MinConcurrentRuns = 1;

    /// <summary>The maximum number of runs that a worker executes at a time.</summary>
    public const int MaxConcurrentRuns = 1000;

    /// <summary>The maximum size of a worker's metadata, without white space and escapes.</summary>
    public const int MaxWorkerMetadataBytes = 64 * ByteSize.KiB;

    /// <summary>The maximum length of a trace id.</summary>
    public const int MaxTraceIdLength = 64;

    /// <summary>The maximum length of the prefix of an actor's API key.</summary>
    public const int MaxKeyPrefixLength = 64;

    /// <summary>The maximum length of an actor's network address.</summary>
    public const int MaxNetworkAddressLength = 64;

    /// <summary>The maximum length of the title of an input form.</summary>
    public const int MaxFormTitleLength = 1000;

    /// <summary>The maximum length of the description of an input form.</summary>
    public const int MaxFormDescriptionLength = 20_000;

    /// <summary>The maximum length of the error message of a failed run.</summary>
    public const int MaxErrorMessageLength = 65_536;

    /// <summary>The characters of a run id besides ASCII letters and digits.</summary>
    public const string RunIdCharacters = "_.:-";

    /// <summary>The characters of a worker key besides ASCII letters and digits.</summary>
    public const string WorkerKeyCharacters = "_.:-";

    /// <summary>The characters of a worker implementation's kind besides ASCII letters and digits.</summary>
    public const string ImplementationKindCharacters = "_-";

    /// <summary>A run id does not begin with a dot or colon.</summary>
    public const string RunIdPattern = "^[A-Za-z0-9_-][A-Za-z0-9" + RunIdCharacters + "]*$";

    /// <summary>The pattern of a worker key.</summary>
    public const string WorkerKeyPattern = "^[A-Za-z0-9" + WorkerKeyCharacters + "]+$";

    /// <summary>The pattern of a worker implementation's kind.</summary>
    public const string ImplementationKindPattern = "^[A-Za-z0-9" + ImplementationKindCharacters + "]+$";

    /// <summary>The pattern of the prefix of an API key.</summary>
    public const string LettersAndDigitsPattern = "^[A-Za-z0-9]+$";

    /// <summary>
    /// The pattern of a UUID in lower case, in addition to the format <c>uuid</c>, which has no rule for the case.
    /// </summary>
    public const string LowerCaseUuidPattern = "^[0-9a-f-]{36}$";

    /// <summary>The regular expression of the trace context of a sender. All zeros are not valid ids.</summary>
    public const string TraceParentPattern = "^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$";

    /// <summary>The maximum number of runs that one claim takes.</summary>
    public const int MaxRunsPerClaim = 10;

    /// <summary>The maximum number of runs that one heartbeat names.</summary>
    public const int MaxRunsPerHeartbeat = 1_000;

    /// <summary>The maximum time that a claim or a heartbeat waits, in seconds.</summary>
    public const int MaxWorkerWaitSeconds = 60;

    /// <summary>The maximum size of the metadata of a worker's session, in bytes.</summary>
    public const int MaxSessionMetadataBytes = 64 * ByteSize.KiB;

    /// <summary>
    /// The maximum length of the config of a schedule with its white space, in characters: many schedules are processed
    /// at the same time.
    /// </summary>
    public const int MaxScheduleConfigLength = 256 * ByteSize.KiB;

    /// <summary>The maximum length of the key of a worker's session.</summary>
    public const int MaxSessionKeyLength = 512;

    /// <summary>The maximum length of the name of a pool of claimable runs.</summary>
    public const int MaxPoolLength = 512;

    /// <summary>The minimum time limit of a run, in seconds.</summary>
    public const int MinTimeoutSeconds = 1;

    /// <summary>The minimum number of retries of a run.</summary>
    public const int MinBackoffLimit = 0;

    /// <summary>The maximum head start of a run over others in seconds, and its negative the minimum.</summary>
    public const int MaxPriority = 86_400;

    /// <summary>The maximum delay of a start in seconds, and of the time within which a run must start.</summary>
    public const int MaxStartSeconds = 366 * 86_400;

    /// <summary>The minimum time within which a run must start, in seconds.</summary>
    public const int MinStartWithinSeconds = 1;

    /// <summary>The maximum length of the cron expression of a schedule.</summary>
    public const int MaxCronLength = 255;

    /// <summary>The maximum length of the name of a time zone.</summary>
    public const int MaxTimezoneLength = 128;

    /// <summary>The minimum time by which a fire of a schedule may be late and is caught up, in seconds.</summary>
    public const int MinCatchUpWindowSeconds = 1;

    /// <summary>The minimum number of fires after which a schedule is completed.</summary>
    public const int MinMaxRuns = 1;

    /// <summary>The maximum number of future fires that one call returns.</summary>
    public const int MaxFires = 100;

    /// <summary>The minimum number of an attempt in a message.</summary>
    public const int MinAttempt = 1;

    /// <summary>The minimum duration of a lease, in seconds.</summary>
    public const int MinLeaseSeconds = 5;

    /// <summary>The maximum duration of a lease, in seconds.</summary>
    public const int MaxLeaseSeconds = 300;

    /// <summary>The maximum delay that a worker requests before the next attempt, in seconds.</summary>
    public const int MaxRetryAfterSeconds = 86_400;

    /// <summary>The minimum duration of a run, in milliseconds.</summary>
    public const int MinDurationMs = 0;

    /// <summary>The minimum of the event id and of the event sequence that an append expects.</summary>
    public const int MinEventCursor = 0;

    /// <summary>The minimum of an event's <c>elapsedMs</c> and <c>emittedAt</c>, in milliseconds.</summary>
    public const int MinEventTime = 0;

    /// <summary>The maximum number of fields of an input form.</summary>
    public const int MaxFormFields = 100;

    /// <summary>The maximum number of events in one append.</summary>
    public const int MaxEventsPerAppend = 100;

    /// <summary>The maximum number of levels of a JSON value or body.</summary>
    public const int MaxJsonDepth = 64;

    /// <summary>
    /// The maximum number of levels of a message. A client's JSON is a part of it, inside a command, a batch and an
    /// envelope.
    /// </summary>
    public const int MaxMessageJsonDepth = 2 * MaxJsonDepth;

    /// <summary>
    /// The maximum number of levels of a stored document: twice that of a message, which is a part of the document or
    /// of its outbox.
    /// </summary>
    public const int MaxStoredJsonDepth = 2 * MaxMessageJsonDepth;

    /// <summary>
    /// The raw text of a value may have this many times its size limit: escapes take up to 6 times the size, and the
    /// rest is for white space.
    /// </summary>
    public const int RawSizeFactor = 16;

    /// <summary>The exclusive limit of an agent run's request, without white space and escapes.</summary>
    public const int MaxAgentRequestBytes = 2_000_000;

    /// <summary>
    /// The maximum size of a request with white space. The request is stored as it was sent, in a document that must
    /// also have room for the outcome (<see cref="MaxOutcomeBytes"/>).
    /// </summary>
    public const int MaxRequestBytes = 9_500_000;

    /// <summary>The exclusive limit of a public event, without white space and escapes.</summary>
    public const int MaxEventBytes = 256 * ByteSize.KiB;

    /// <summary>The exclusive limit of a record of a model call, without white space and escapes.</summary>
    public const int MaxModelCallContextBytes = 2_000_000;

    /// <summary>The maximum size of a tool result, without white space and escapes.</summary>
    public const int MaxResultBytes = 64 * ByteSize.KiB;

    /// <summary>
    /// The maximum size of the fields of an input form and of its metadata, each without white space and escapes.
    /// </summary>
    public const int MaxFormJsonBytes = 64 * ByteSize.KiB;

    /// <summary>
    /// A run whose forms and responses are larger together cannot request more input: its document needs space for
    /// other data.
    /// </summary>
    public const int MaxInputRequestBytes = 512 * ByteSize.KiB;

    /// <summary>The maximum size of a run's logs.</summary>
    public const int MaxLogsBytes = 4 * ByteSize.MiB;

    /// <summary>
    /// The maximum size of output, logs, artifacts, metadata and error message together. With the largest request,
    /// forms, tool results and the last events, this keeps a stored document below its limit of 16 MiB.
    /// </summary>
    public const int MaxOutcomeBytes = 5 * ByteSize.MiB;
}
