using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;

namespace Runs.Api.RunOperations;

/// <summary>The conversation that a path identifies.</summary>
internal readonly record struct ConversationRoute(
    [FromRoute(Name = "conversation_id")][property: Description("The conversation's id."), Uuid] string ConversationId)
{
    /// <summary>
    /// Gets the id as stored, in lower case. False when it is not a UUID: no conversation can have it.
    /// </summary>
    public bool TryGetId([NotNullWhen(true)] out string? id)
    {
        id = FieldRules.IsUuid(ConversationId) ? ConversationId.ToLowerInvariant() : null;
        return id is not null;
    }
}
