namespace Runs.DocumentDbGateway;

/// <summary>The result of a statement of <see cref="Statements"/>.</summary>
internal readonly record struct StatementResult(byte[] Document, byte[]? Continuation, long CursorId, bool Succeeded);
