namespace Runs.Store;

/// <summary>A request that created or started the run.</summary>
/// <param name="MessageId">The command's message id; empty when its publisher gave none.</param>
/// <param name="Fingerprint">The SHA-256 hash of the canonical request, in lower-case hex.</param>
public sealed record AcceptedRequest(Guid MessageId, string Fingerprint) : StoredRecord;
