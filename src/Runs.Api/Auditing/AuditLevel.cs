namespace Runs.Api.Auditing;

/// <summary>Endpoint metadata: the level of the audit log entry of a call. Information for routes without it.</summary>
internal sealed record AuditLevel(LogLevel Level);
