using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Runs.Contracts;

namespace Runs.Api.Authentication;

/// <summary>
/// Reads the claims of a token whose signature is valid. Parses the JSON directly, because the framework's claims show
/// an array as several claims, an object as text, and only one of two members with the same name.
/// </summary>
internal static class TokenClaimsReader
{
    private const string ScopeClaim = "scope";
    private const string ScopesClaim = "scopes";
    private const string ProjectsClaim = "projects";
    private const string ActorTypeClaim = "actorType";

    // The claims that are read have two levels. Claims of other services may be nested.
    private const int MaxJsonDepth = 16;

    private static readonly string[] TokenUseClaims = ["tokenUse", "token_use"];
    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false, MaxDepth = MaxJsonDepth };

    /// <summary>The token's credential, or null when the token is not a credential for this API.</summary>
    public static Credential? Read(JsonWebToken token, AuthOptions options)
    {
        try
        {
            using var header = ParseSegment(token.EncodedHeader);
            using var payload = ParseSegment(token.EncodedPayload);
            // No critical extension is supported.
            return header.RootElement.TryGetProperty("crit", out _) ? null : Read(payload.RootElement, options);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Credential? Read(JsonElement claims, AuthOptions options)
    {
        var uses = Scopes.SplitSpaceDelimited(options.AllowedTokenUses);
        if (!TryReadString(claims, Caller.TenantClaim, out var tenant)
            || !TryReadString(claims, Caller.UserClaim, out var user) || string.IsNullOrEmpty(user)
            || !TryReadString(claims, ActorTypeClaim, out var actor)
            || TokenUseClaims.Any(name => !TryReadString(claims, name, out var use) || (use is not null && !uses.Contains(use)))
            || !TryReadList(claims, ScopeClaim, out var scope) || !TryReadList(claims, ScopesClaim, out var scopes)
            || !TryReadList(claims, ProjectsClaim, out var projects) || projects?.Any(project => !FieldRules.IsUuid(project)) == true)
        {
            return null;
        }

        // A token grants the scopes that it names. Scopes of other services are ignored.
        var granted = scope is null && scopes is null
            ? Scopes.SplitSpaceDelimited(options.DefaultTokenScopes)
            : (scope ?? []).Concat(scopes ?? []);
        return new Credential
        {
            Tenant = tenant,
            UserId = user,
            Scopes = granted.Where(Scopes.All.Contains).ToHashSet(),
            Projects = projects?.Select(project => project.ToLowerInvariant()).ToHashSet(),
            ActorType = actor switch
            {
                null or "user" => ResponderTypes.Human,
                _ => ResponderTypes.All.Contains(actor) ? actor : ResponderTypes.System,
            },
        };
    }

    private static JsonDocument ParseSegment(string segment) => JsonDocument.Parse(Base64Url.DecodeFromChars(segment), StrictJson);

    /// <summary>Reads an optional string claim. False when the claim is not a string.</summary>
    private static bool TryReadString(JsonElement claims, string name, out string? value)
    {
        value = null;
        if (!claims.TryGetProperty(name, out var claim))
        {
            return true;
        }

        value = claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;
        return value is not null;
    }

    /// <summary>
    /// Reads an optional claim that is a space-delimited string or an array of strings. False when it is neither.
    /// </summary>
    private static bool TryReadList(JsonElement claims, string name, out IReadOnlyList<string>? values)
    {
        values = null;
        if (!claims.TryGetProperty(name, out var claim))
        {
            return true;
        }

        values = claim.ValueKind switch
        {
            JsonValueKind.String => Scopes.SplitSpaceDelimited(claim.GetString()!),
            JsonValueKind.Array when claim.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. claim.EnumerateArray().Select(item => item.GetString()!)],
            _ => null,
        };
        return values is not null;
    }
}
